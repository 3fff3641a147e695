// Collects a statement's values while its text is written.

export class Parameters {
  readonly values: unknown[] = []
  /** Places of values that the statement's entity has of its own: two each, its tenant and its id. */
  readonly owners: number[] = []

  /** Adds a value and gives its placeholder, `$n`, cast when a type is named. */
  add(value: unknown, type?: string): string {
    this.values.push(value)
    return `$${this.values.length}${type === undefined ? '' : `::${type}`}`
  }
}
