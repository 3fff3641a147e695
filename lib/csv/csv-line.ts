// Writing CSV (RFC 4180): the cells of a record as one line, without its end.

const NEEDS_QUOTES = /[",\r\n]/

/** Cells as a line. An only cell that is empty is quoted, because a blank line is no record. */
export function csvLine(cells: readonly string[]): string {
  return cells.length === 1 && cells[0] === '' ? '""' : cells.map(quote).join(',')
}

function quote(cell: string): string {
  return NEEDS_QUOTES.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
}
