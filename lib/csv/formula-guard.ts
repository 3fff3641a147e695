// Texts that a spreadsheet would run as a formula go out with one `'` in front and come in without it. Numbers are no
// texts: `-5` stays what it is.
// https://owasp.org/www-community/attacks/CSV_Injection

const RUNS = /^[=+\-@']/

export function guardFormula(text: string): string {
  return RUNS.test(text) ? `'${text}` : text
}

export function unguardFormula(cell: string): string {
  return cell.startsWith("'") ? cell.slice(1) : cell
}
