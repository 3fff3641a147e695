// The option `pattern`, compiled by RE2, whose matching time is linear in the text, without look-around and back references.
// A large pattern on a long text still takes long, so the pattern and the time spent per turn of the event loop are bounded.
import { RE2JS } from 're2js'
import { errors } from '../errors.ts'

/** Longest pattern, and the largest program it may compile to (`x{1,500}` is some 500 instructions). */
export const MAX_PATTERN_LENGTH = 1000

const MAX_PROGRAM = 1000

/** Steps one text may cost in the worst case: a third of a second. */
const MAX_STEPS = 10_000_000

/** Matches of fewer steps are not timed. */
const UNTIMED_STEPS = 20_000

/** Milliseconds that all patterns together may take in one turn of the event loop. */
const MATCHING_BUDGET = 1000

/** The same for the patterns of a definition; less, since they are compiled again for each kind of body. */
const COMPILING_BUDGET = 300

export interface Pattern {
  test(text: string): boolean
  /** The pattern itself; Ajv tells patterns apart by it. */
  toString(): string
}

/** Milliseconds spent in this turn of the event loop. */
const spent = { matching: 0, compiling: 0 }

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

/** Why a pattern cannot be used in a definition, in words; undefined when it can. */
export function patternProblem(pattern: string): string | undefined {
  if (spent.compiling > COMPILING_BUDGET) return 'the patterns before it take too long to compile already'
  try {
    timed('compiling', () => compilePattern(pattern))
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'it does not compile'
    const looksAround = /\(\?P?<?[=!]/.test(reason)
    return looksAround ? 'look-ahead and look-behind are not supported' : reason
  }
}

function testWithin(compiled: RE2JS, steps: number, text: string): boolean {
  if (steps <= UNTIMED_STEPS) return compiled.test(text)
  if (steps > MAX_STEPS || spent.matching > MATCHING_BUDGET) throw errors.patternTooCostly()
  return timed('matching', () => compiled.test(text))
}

/** Does a piece of work and books its time until the turn ends. */
function timed<T>(kind: keyof typeof spent, work: () => T): T {
  if (spent[kind] === 0) {
    setImmediate(() => {
      spent[kind] = 0
    })
  }
  const start = performance.now()
  try {
    return work()
  } finally {
    spent[kind] += performance.now() - start
  }
}
