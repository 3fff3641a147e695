// Parse: the text of a filter's value. Alone it goes on to its end; inside `or=(..)` and `in.(..)` it ends at
// a comma or bracket unless it is quoted.
import type { Scanner } from './scanner.ts'

const toEnd = /[\s\S]*/y
const toDelimiter = /[^,)]*/y
const toListEnd = /[^,}]*/y
const braced = /\{(?:[^"{}]|"(?:[^"\\]|\\.)*"|\{[^{}]*\})*\}(?=[,)]|$)/sy

/** A value of a filter that stands alone: everything that is left, quotes included. */
export function parseWholeValue(scanner: Scanner): string {
  return scanner.match(toEnd) ?? ''
}

/** A value between the commas of `or=(..)`: quoted, a `{..}` literal, or the text up to the next delimiter. */
export function parseInnerValue(scanner: Scanner): string {
  return quotedWhole(scanner) ?? scanner.match(braced) ?? scanner.match(toDelimiter) ?? ''
}

/** `(a,"b,c",d)`; `()` is the empty list. */
export function parseParenthesised(scanner: Scanner): string[] {
  return parseList(scanner, { open: '(', close: ')', bare: toDelimiter })
}

/** `{a,"b,c",d}`, the list of `op(any)` and `op(all)`. */
export function parseBraced(scanner: Scanner): string[] {
  return parseList(scanner, { open: '{', close: '}', bare: toListEnd })
}

interface ListForm {
  open: string
  close: string
  bare: RegExp
}

function parseList(scanner: Scanner, { open, close, bare }: ListForm): string[] {
  scanner.expect(open)
  scanner.skipSpaces()
  if (scanner.take(close)) return []
  const values: string[] = []
  do {
    scanner.skipSpaces()
    values.push(scanner.peek('"') ? scanner.quoted() : (scanner.match(bare) ?? '').trimEnd())
    scanner.skipSpaces()
  } while (scanner.take(','))
  scanner.expect(close)
  return values
}

/** A quoted value, but only when nothing follows it: `"a"b` is the bare text that it seems to be. */
function quotedWhole(scanner: Scanner): string | undefined {
  if (!scanner.peek('"')) return undefined
  const start = scanner.at
  const value = scanner.quoted()
  if (scanner.done || scanner.peek(',') || scanner.peek(')')) return value
  scanner.at = start
  return undefined
}
