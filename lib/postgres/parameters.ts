// Collects a statement's values while its text is written.

export class Parameters {
  readonly values: unknown[] = []

  /** Adds a value and gives its placeholder, `$n`. */
  add(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }
}
