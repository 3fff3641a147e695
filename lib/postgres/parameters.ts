// Collects a statement's values while its text is written.

export class Parameters {
  readonly values: unknown[] = []

  /** Adds a value and gives its placeholder, `$n`, cast when a type is named. */
  add(value: unknown, type?: string): string {
    this.values.push(value)
    return `$${this.values.length}${type === undefined ? '' : `::${type}`}`
  }
}
