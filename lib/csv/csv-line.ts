// Writing CSV (RFC 4180): the cells of a record as one line, without its end. Null is an empty cell, as PostgREST and
// PostgreSQL write it, and an empty text has quotes; so has the text NULL, which PostgREST reads as null without them.

/** The word for null in what PostgREST reads. */
export const NULL_WORD = 'NULL'

const NEEDS_QUOTES = /[",\r\n]|^(NULL)?$/

/** Cells as a line. An only cell that is null is the word, because a blank line is no record. */
export function csvLine(cells: readonly (string | null)[]): string {
  return cells.length === 1 && cells[0] === null ? NULL_WORD : cells.map(quote).join(',')
}

function quote(cell: string | null): string {
  if (cell === null) return ''
  return NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
