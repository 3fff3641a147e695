// The sort key of a text: the folded text, U+0001, the text itself, cut. Keys are compared in collation "C" (by code point),
// so texts sort without case and accents first and by code point then. Only cut keys can be equal for different texts.

import { plainLetters } from './letters.ts'

/** The key of an unset field: it sorts after every other key. */
export const NULL_KEY = '\u{10FFFF}'

const KEY_LENGTH = 200

/** Enough of the text for a key even if folding removes most of it. */
const SOURCE_LENGTH = 1000

const ASCII = /^[\0-\x7f]*$/

const MARKS = /[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]/g

/**
 * Removes case, accents and strokes, from the texts of records and filters alike. The result is composed (NFC), so that a syllable
 * is one character.
 */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase()
  return begun(plainLetters(bareOf(text)).normalize('NFC'))
}

/** Decomposed, without case and marks. */
function bareOf(text: string): string {
  const cased = text.normalize('NFKD').toUpperCase().toLowerCase()
  return cased.normalize('NFKD').replace(MARKS, '').replaceAll('ς', 'σ')
}

/** A folded text that does not begin as NULL_KEY does. */
function begun(folded: string): string {
  return folded.startsWith(NULL_KEY) ? `\u{10FFFE}${folded.slice(NULL_KEY.length)}` : folded
}

/** The order-preserving key of a text. */
export function textKey(text: string): string {
  const source = cut(text, SOURCE_LENGTH)
  return cut(`${fold(source)}\u0001${source}`, KEY_LENGTH)
}

/** Whether the key of a text was not cut, so that no other text has it. */
export function hasWholeKey(text: string): boolean {
  return textKey(text).length < KEY_LENGTH
}

/** The key that a text had before migration 028, decomposed and with strokes; undefined where it was the same. */
export function formerTextKey(text: string): string | undefined {
  if (ASCII.test(text)) return undefined
  const source = cut(text, SOURCE_LENGTH)
  const former = cut(`${begun(bareOf(source))}\u0001${source}`, KEY_LENGTH)
  return former === textKey(text) ? undefined : former
}

/** Whether other texts may have this key: then a comparison needs the text itself. */
export function isCut(key: string): boolean {
  return key.length >= KEY_LENGTH - 1
}

function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const last = text.charCodeAt(length - 1)
  const splitsPair = last >= 0xd800 && last <= 0xdbff
  return text.slice(0, splitsPair ? length - 1 : length)
}
