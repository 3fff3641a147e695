// The values of a statement, collected while its text is written.

export class Parameters {
  readonly values: unknown[] = []
  /** Where the values stand that name the statement's entity: the index of its tenant, whose id is the next. */
  readonly owners: number[] = []

  /** Where a value comes of something that another may stand for, by its index. */
  readonly sources = new Map<number, unknown>()

  /** Adds a value; returns its placeholder, `$n`, cast when a type is named. */
  add(value: unknown, type?: string): string {
    this.values.push(value)
    return `$${this.values.length}${type === undefined ? '' : `::${type}`}`
  }
}
