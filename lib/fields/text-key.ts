// The sort key of a text: folded text, U+0001, the text itself, cut. Keys are compared in collation "C" (by code point),
// so texts order case- and accent-insensitively first and by code point then. Two texts have one key only when it is cut.

/** The key of an unset field: it sorts after every other key. */
export const NULL_KEY = '\u{10FFFF}'

const KEY_LENGTH = 200

/** Enough source for a key even when folding takes most of it away. */
const SOURCE_LENGTH = 1000

const ASCII = /^[\0-\x7f]*$/

const MARKS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g

/** Takes case and accents away; the same for the text of a record and the text of a filter. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  const cased = text.normalize('NFKD').toUpperCase().toLowerCase()
  const bare = cased.normalize('NFKD').replace(MARKS, '').replaceAll('ς', 'σ')
  // No text may start like the key of an unset field.
  return bare.startsWith(NULL_KEY) ? `\u{10FFFE}${bare.slice(NULL_KEY.length)}` : bare
}

/** The order-preserving key of a text. */
export function textKey(text: string): string {
  const source = cut(text, SOURCE_LENGTH)
  return cut(`${fold(source)}\u0001${source}`, KEY_LENGTH)
}

/** Whether other texts may have this key too: a comparison then has to look at the text itself. */
export function isCut(key: string): boolean {
  return key.length >= KEY_LENGTH - 1
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  const splitsPair = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, splitsPair ? length - 1 : length)
}
