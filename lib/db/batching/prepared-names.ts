// Gives frequent SQL texts a name to be prepared under. Every name costs memory in every backend, so their number is
// bounded; texts depend on the query's shape only, so a few hundred names serve any number of entities. A new text gets
// the name of the one that was not used for longest, so that nobody can take all names for queries of his own.

export class PreparedNames {
  /** The text that was not used for longest comes first. */
  readonly #names = new Map<string, string>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The name of a text: that of no other among the last that were asked for. */
  of(text: string): string {
    const name = this.#names.get(text) ?? this.#free()
    this.#names.delete(text)
    this.#names.set(text, name)
    return name
  }

  #free(): string {
    const [oldest] = this.#names
    if (oldest === undefined || this.#names.size < this.#limit) return `s${this.#names.size}`
    this.#names.delete(oldest[0])
    return oldest[1]
  }
}
