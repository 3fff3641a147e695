// Texts that a spreadsheet would run as a formula go out with one `'` in front and come in without it. Numbers are no
// texts: `-5` stays what it is.
// https://owasp.org/www-community/attacks/CSV_Injection

const RUNS = /^[=+\-@'\t\r\n]/

const GUARDED = /^'[=+\-@'\t\r\n]/

/** The text with a `'` in front where a spreadsheet would run it, or where one is there already. */
export function guardFormula(text: string): string {
  return RUNS.test(text) ? `'${text}` : text
}

/** The text without the `'` that `guardFormula` has put in front; any other stays. */
export function unguardFormula(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell
}
