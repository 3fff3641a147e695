// Recognizes values that are probably an operator with its value, `foo.a`, `_eq.a`, `eq(all).{a}`, `!a`, `not in (a)`. Advice
// that took one for a mere value would select other records than were meant.

const SIGN = /^[!<>=~]/

const NEGATION = /^not\b/i

/** A word, or several, with a point, a colon or a bracket behind it; `https://` is none. */
const CALL = /^[^\p{L}\p{N}]*[\p{L}_][\p{L}\p{N}_$ -]*(?:\([^)]*\))?\s*(?:[.(]|:(?!\/\/))/u

/** A variable of row filters. */
const VARIABLE = /^\$user\.\w+$/

/** Whether a value looks like an operator with a value. */
export function isOperatorCall(value: string): boolean {
  const text = value.slice(0, 200).trim()
  if (VARIABLE.test(text)) return false
  return SIGN.test(text) || NEGATION.test(text) || CALL.test(text)
}

/** The text without outer white space, and without the quotes in which other languages write a value. */
export function bareValue(text: string): string {
  const trimmed = text.trim()
  const [, single, double] = /^(?:'([^']*)'|"([^"]*)")$/.exec(trimmed) ?? []
  return single ?? double ?? trimmed
}
