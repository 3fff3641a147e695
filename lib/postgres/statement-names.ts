// Gives frequent SQL texts a name to be prepared under. Every name costs memory in every backend, so the number is
// bounded; texts depend on the query's shape only, so a few hundred names serve any number of entities.

export class StatementNames {
  readonly #names = new Map<string, string>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The name of a text; undefined once the limit is reached and the text is new. */
  of(text: string): string | undefined {
    const known = this.#names.get(text)
    if (known !== undefined || this.#names.size >= this.#limit) return known
    const name = `s${this.#names.size}`
    this.#names.set(text, name)
    return name
  }
}
