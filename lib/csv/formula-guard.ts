// Guards CSV against formula injection: a text that a spreadsheet would evaluate is written with a leading `'`, which is
// removed when it is read. For texts only: a number such as -5 is written as it is.
// https://owasp.org/www-community/attacks/CSV_Injection

/** With `'` among them, so that a text that begins with one survives the round trip. */
const EVALUATED = /^[=+\-@'\t\r\n]/

const GUARDED = /^'[=+\-@'\t\r\n]/

/** The text as a cell, with a leading `'` where a spreadsheet would evaluate it. */
export function guardFormula(text: string): string {
  return EVALUATED.test(text) ? `'${text}` : text
}

/** The text of a cell without the `'` that guardFormula has written; any other `'` stays. */
export function unguardFormula(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell
}
