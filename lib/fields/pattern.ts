// The `pattern` option: compiled by RE2, which takes time linear in the text and knows no look-around or back reference.
// Linear is not cheap for a large pattern on a long text, so both the pattern and the work of one turn are bounded.
import { RE2JS } from 're2js'
import { errors } from '../errors.ts'

/** Longest pattern, and the largest program it may compile to (`x{1,500}` is some 500 instructions). */
export const MAX_PATTERN_LENGTH = 1000
const MAX_PROGRAM = 1000

/** Steps one text may cost in the worst case: a third of a second. */
const MAX_STEPS = 10_000_000
/** Milliseconds that all patterns together may take in one turn of the event loop. */
const TURN_BUDGET = 1000
/** Below this many steps a match is not worth being timed. */
const UNTIMED_STEPS = 20_000

export interface Pattern {
  test(text: string): boolean
  /** The pattern itself; Ajv tells patterns apart by it. */
  toString(): string
}

let spent = 0

/**
 * Compiles a pattern in JavaScript's or RE2's spelling; a match anywhere in the text counts, as in JSON Schema.
 * Throws an Error whose message tells what RE2 does not know.
 */
export function compilePattern(pattern: string): Pattern {
  const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern))
  const size = compiled.programSize()
  if (size > MAX_PROGRAM) throw new Error(`the pattern is too large (${size} steps, at most ${MAX_PROGRAM})`)
  return { test: (text) => testWithin(compiled, size * text.length, text), toString: () => pattern }
}

/** Why a pattern cannot be used, in words; undefined when it can. */
export function patternProblem(pattern: string): string | undefined {
  if (/\(\?<?[=!]/.test(pattern)) return 'look-ahead and look-behind are not supported (RE2)'
  try {
    compilePattern(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : 'it does not compile'
  }
}

function testWithin(compiled: RE2JS, steps: number, text: string): boolean {
  if (steps <= UNTIMED_STEPS) return compiled.test(text)
  if (steps > MAX_STEPS || spent > TURN_BUDGET) throw errors.patternTooCostly()
  if (spent === 0) setImmediate(() => (spent = 0))
  const start = performance.now()
  const matches = compiled.test(text)
  spent += performance.now() - start
  return matches
}
