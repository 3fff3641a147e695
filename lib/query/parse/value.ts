// Parse: the text of a filter's value. On its own it extends to the end; inside `or=(..)` and `in.(..)` to a comma or
// bracket, unless it is quoted.
import type { Scanner } from './scanner.ts'

const toEnd = /[\s\S]*/y

const toDelimiter = /[^,)]*/y

const nothing = { ')': /\s*(?=\))/y, '}': /\s*(?=\})/y }

const inBraces = /(?:[^,}\\]|\\[\s\S])*/y

// One level of braces within, as in {"a":{"b":1}}; quoted parts may hold anything.
const braced = /[{](?:[^"{}]|"(?:[^"\\]|\\.)*"|[{](?:[^"{}]|"(?:[^"\\]|\\.)*")*[}])*[}](?=[,)]|$)/sy

/** The value of a filter on its own: the rest of the text, quotes included. */
export function parseWholeValue(scanner: Scanner): string {
  return scanner.match(toEnd) ?? ''
}

/** A value between the commas of `or=(..)`: quoted, a `{..}` literal, or the text up to the next delimiter. */
export function parseInnerValue(scanner: Scanner): string {
  return quotedBefore(scanner, ',)') ?? scanner.match(braced) ?? scanner.match(toDelimiter) ?? ''
}

/** `(a,"b,c",d)`; `()` is the empty list. Spaces belong to the value, except before quotes. */
export function parseParenthesised(scanner: Scanner): string[] {
  return parseList(scanner, ')', () => {
    const start = scanner.at
    scanner.skipSpaces()
    const quoted = quotedBefore(scanner, ',)')
    if (quoted !== undefined) return quoted
    scanner.at = start
    return scanner.match(toDelimiter) ?? ''
  })
}

/** `{a,"b,c",d}`, a PostgreSQL array literal of one dimension: `\` takes the next character as it is. */
export function parseBraced(scanner: Scanner): string[] {
  return parseList(scanner, '}', () => {
    scanner.skipSpaces()
    if (scanner.peek('"')) return scanner.quoted()
    return (scanner.match(inBraces) ?? '').trim().replaceAll(/\\([\s\S])/g, '$1')
  })
}

function parseList(scanner: Scanner, close: ')' | '}', parseElement: () => string): string[] {
  scanner.skipSpaces()
  scanner.expect(close === ')' ? '(' : '{')
  const values: string[] = []
  if (scanner.match(nothing[close]) === undefined) {
    do {
      values.push(parseElement())
      scanner.skipSpaces()
    } while (scanner.take(','))
  }
  scanner.expect(close)
  scanner.skipSpaces()
  return values
}

/** A quoted value, only if the quotes end it: `"a"b` is bare text. */
function quotedBefore(scanner: Scanner, delimiters: string): string | undefined {
  if (!scanner.peek('"')) return undefined
  const start = scanner.at
  const value = scanner.tryQuoted()
  if (value !== undefined && (scanner.done || delimiters.includes(scanner.text[scanner.at] as string)))
    return value
  scanner.at = start
  return undefined
}
