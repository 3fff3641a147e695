// The SQL texts prepared on one connection, or sent to be, by their names; bounded by their size, since PostgreSQL keeps
// some seventy bytes for each character.

/** Characters of all texts. */
const LARGEST = 2 ** 19

export class PreparedTexts {
  readonly #texts = new Map<string, string>()
  #size = 0

  has(name: string, text: string): boolean {
    return this.#texts.get(name) === text
  }

  set(name: string, text: string): void {
    this.delete(name)
    this.#texts.set(name, text)
    this.#size += text.length
  }

  delete(name: string): void {
    this.#size -= this.#texts.get(name)?.length ?? 0
    this.#texts.delete(name)
  }

  /** Forgets texts until the others fit, the oldest first, but none that is needed now; the names to close. */
  outgrown(needed: ReadonlySet<string>): string[] {
    const outgrown: string[] = []
    for (const name of this.#texts.keys()) {
      if (this.#size <= LARGEST) break
      if (needed.has(name)) continue
      this.delete(name)
      outgrown.push(name)
    }
    return outgrown
  }
}
