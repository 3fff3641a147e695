// Parses JSON bodies. Refuses what JSON.parse or the database would change silently: integers past 2^53 that lose digits,
// numbers that become Infinity, U+0000, half surrogate pairs, nesting without end. An own `__proto__` stays a property like
// any other, for the schema to refuse.
import { isUtf8 } from 'node:buffer'
import type { Violation } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import { numberKey } from '../fields/number-key.ts'
import { findUnstorable, MAX_NESTING } from '../fields/unstorable.ts'
import { escapeToken, violation } from '../fields/violation.ts'

/** Escapes of U+0000 and of halves of surrogate pairs. */
const BAD_ESCAPE = /\\u(?:0000|[dD][89a-fA-F])/

/** A quotation mark, or an integer of 16 digits and more that stands alone. */
const QUOTE_OR_INTEGER = /"|(?<![.0-9eE+-])-?[0-9]{16,}(?![.0-9eE])/g

const BACKSLASH = 92

/** Longest integer that a double can reach at all. */
const MAX_DIGITS = 309

const MOST_VIOLATIONS = 20

/** The text of a body's bytes; bytes that are not UTF-8 would become U+FFFD. errors.malformedBody. */
export function decodeBody(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw errors.malformedBody('The body is not UTF-8.')
  return bytes.toString()
}

/** Parses a body; errors.malformedBody, or errors.invalidBody with the place of each value that cannot be kept. */
export function parseJsonBody(text: string): unknown {
  const value = parse(text)
  if (isPlain(value, MAX_NESTING) && !BAD_ESCAPE.test(text)) return value
  const unstorable = findUnstorable(value)
  const found = unstorable.some(isNesting) ? unstorable : [...unstorable, ...findRounded(text, value)]
  if (found.length > 0) throw errors.invalidBody(found)
  return value
}

/** Beyond this nothing is looked at: a walk as deep as the client likes would end in an overflow of the stack. */
const isNesting = ({ keyword }: Violation) => keyword === 'nesting'

function parse(text: string): unknown {
  const json = text.startsWith('\ufeff') ? text.slice(1) : text
  try {
    return JSON.parse(json)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason'
    throw errors.malformedBody(
      json.trim() === '' ? 'The body is empty; send JSON.' : `The body is not JSON: ${reason}`,
    )
  }
}

/** Whether all numbers are within 2^53 and nesting is within bounds; such a value needs no closer look. */
function isPlain(value: unknown, levels: number): boolean {
  if (typeof value === 'number') return Math.abs(value) <= Number.MAX_SAFE_INTEGER
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  if (Array.isArray(value)) return value.every((item) => isPlain(item, levels - 1))
  // Every body comes here: a loop over names makes no list of them.
  for (const name in value) if (!isPlain((value as Record<string, unknown>)[name], levels - 1)) return false
  return true
}

/** The index of the quotation mark that ends the string which starts at `start`. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}

/** Integers whose value JSON.parse has changed. */
function findRounded(text: string, value: unknown): Violation[] {
  const rounded = new Set<number>()
  QUOTE_OR_INTEGER.lastIndex = 0
  for (let match = QUOTE_OR_INTEGER.exec(text); match !== null; match = QUOTE_OR_INTEGER.exec(text)) {
    const [token] = match
    if (token === '"') QUOTE_OR_INTEGER.lastIndex = stringEnd(text, match.index) + 1
    else if (isRounded(token)) rounded.add(Number(token))
  }
  const found: Violation[] = []
  if (rounded.size > 0) report(value, '', rounded, found)
  return found
}

/** Whether the number that came of an integer is written with other digits. */
function isRounded(token: string): boolean {
  const value = Number(token)
  return (
    token.length <= MAX_DIGITS + 1 && Number.isFinite(value) && numberKey(token) !== numberKey(String(value))
  )
}

function report(value: unknown, pointer: string, rounded: ReadonlySet<number>, found: Violation[]): void {
  if (found.length >= MOST_VIOLATIONS) return
  if (typeof value === 'number' && rounded.has(value)) {
    const message =
      'is an integer past ±(2^53-1), which JSON numbers do not keep exactly and no field of type integer holds; a field of type decimal or string holds it, sent in quotes'
    found.push(violation('number', message, pointer))
  }
  if (typeof value !== 'object' || value === null) return
  for (const [name, inner] of Object.entries(value))
    report(inner, `${pointer}/${escapeToken(name)}`, rounded, found)
}
