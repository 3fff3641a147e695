// Spells parameters as they are written in a URL, so that an advised spelling can be sent as it is.

/** Characters that stand for themselves in a query string, and that encodeURIComponent encodes. */
const PLAIN = new Map([...',:@/{}$'].map((character) => [encodeURIComponent(character), character]))

/** Characters of a value that are written. */
export const LONGEST_VALUE = 100

/** A value as it is written in a URL; a long one is cut. */
export function spellValue(value: string): string {
  // The cut may halve a surrogate pair; a buffer replaces such a half.
  const encoded = encodeURIComponent(Buffer.from(value.slice(0, LONGEST_VALUE)).toString())
  return encoded.replace(/%2C|%3A|%40|%2F|%7B|%7D|%24/g, (code) => PLAIN.get(code) ?? code)
}

/** A value inside `in.(..)` or `or=(..)`: in quotes where it needs them. */
export function spellInner(value: string): string {
  return spellValue(/[,()"\\{}]|^\s|\s$/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value)
}

/** `name=value`. */
export function spell(name: string, value: string): string {
  return `${encodeURIComponent(name).replaceAll('%3E', '>')}=${spellValue(value)}`
}

/** A text as part of a pattern of like: its own `*`, `%` and `_` are literal. */
export function literalPattern(text: string): string {
  return text.replace(/[\\%_*]/g, '\\$&')
}

/** A parameter's name without case, separators and the signs that APIs put before it. */
export const plainName = (name: string) => name.toLowerCase().replace(/[$_-]/g, '')
