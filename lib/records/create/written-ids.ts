// The records that the batches of one body have written so far: new ones by the range of a batch's ids, which are made in
// their order, so that memory does not grow with the rows; those with an id of their own one by one.
import type { IncomingRecord, StoredRow } from './row.ts'

export class WrittenIds {
  readonly #ranges: { from: string; to: string }[] = []
  readonly #given = new Set<string>()

  /** Notes what was written of the rows. */
  add(rows: readonly IncomingRecord[], stored: readonly StoredRow[]): void {
    const made: string[] = []
    for (const [at, { row, created }] of stored.entries()) {
      if (row === undefined) continue
      if (created && rows[at]?.id === undefined) made.push(row.id)
      else this.#given.add(row.id)
    }
    made.sort()
    const [from] = made
    if (from !== undefined) this.#ranges.push({ from, to: made.at(-1) as string })
  }

  has(id: string): boolean {
    return this.#given.has(id) || this.#ranges.some(({ from, to }) => from <= id && id <= to)
  }
}
