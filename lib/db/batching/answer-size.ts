// Sizes from which on an answer is read apart from others.
import type { TextRow } from '../statement.ts'

/** Characters of an answer that others may have to wait for. */
export const BULKY_ANSWER = 2 ** 18

/** Characters of an answer of which a few at a time are all that the memory is meant to hold. */
export const HUGE_ANSWER = 2 ** 22

/** Characters of all columns. */
export function lengthOf(rows: readonly TextRow[]): number {
  let length = 0
  for (const row of rows) for (const text of row) length += text?.length ?? 0
  return length
}
