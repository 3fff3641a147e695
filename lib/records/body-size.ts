// The bounds of a JSON array of records, checked before anything is done with its rows. CSV and NDJSON have none: they are
// read and stored in batches.

import { errors } from '../errors.ts'

export interface BodyLimits {
  /** Rows of one body. */
  MAX_ROWS: number
  /** Fields that the rows of one body write, all together. */
  MAX_CELLS: number
}

/**
 * errors.tooManyRows names the limit that is passed.
 *
 * @param cells fields that the rows write, all together
 */
export function requireRoom(rows: number, cells: number, { MAX_ROWS, MAX_CELLS }: BodyLimits): void {
  if (rows > MAX_ROWS)
    throw errors.tooManyRows(`The body has ${rows} rows; a JSON array may have ${MAX_ROWS} (MAX_ROWS).`)
  if (cells > MAX_CELLS)
    throw errors.tooManyRows(
      `The body has ${rows} rows that write ${cells} fields; those of a JSON array may write ${MAX_CELLS} (MAX_CELLS).`,
    )
}
