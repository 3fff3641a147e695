// Writes CSV (RFC 4180): the cells of a record as one line, without the line end. Null is an empty cell, as PostgREST and
// PostgreSQL write it. The empty text is quoted, and so is the text NULL, which PostgREST reads as null when unquoted.

/** An unquoted cell that PostgREST reads as null. */
export const NULL_WORD = 'NULL'

const NEEDS_QUOTES = /[",\r\n]|^(NULL)?$/

/** The line of a record. A single cell that is null is written as NULL, because a blank line is not a record. */
export function csvLine(cells: readonly (string | null)[]): string {
  return cells.length === 1 && cells[0] === null ? NULL_WORD : cells.map(quote).join(',')
}

function quote(cell: string | null): string {
  if (cell === null) return ''
  return NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
