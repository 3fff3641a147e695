// Finds what JSON can contain and PostgreSQL's jsonb or a JavaScript number cannot: U+0000, half a surrogate pair, a number
// outside the range of a double, unbounded nesting. Takes any parsed JSON value.
import type { Violation } from '../errors/problem.ts'
import { escapeToken, violation } from './violation.ts'

export const MAX_NESTING = 100

const BAD_TEXT = /[\0\p{Surrogate}]/u

/** Whether a text can be stored. */
export function isStorableText(text: string): boolean {
  return !BAD_TEXT.test(text)
}

/** The parts of a value, at any depth, that cannot be stored exactly; at most `limit` violations. */
export function findUnstorable(value: unknown, limit = 20): Violation[] {
  if (isStorablePrimitive(value)) return []
  const found: Violation[] = []
  walk(value, '', 0, (broken) => found.push(broken) < limit)
  return found
}

/** Whether the value is a storable primitive, as most are, which needs no walk. */
function isStorablePrimitive(value: unknown): boolean {
  if (typeof value === 'string') return isStorableText(value)
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}

/** Reports a violation; false when enough have been reported. */
type Report = (broken: Violation) => boolean

function walk(value: unknown, pointer: string, depth: number, report: Report): boolean {
  const broken = refusal(value, pointer, depth)
  if (broken !== undefined) return report(broken)
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value))
    return value.every((item, at) => walk(item, `${pointer}/${at}`, depth + 1, report))
  return Object.entries(value).every(([name, inner]) => {
    const below = `${pointer}/${escapeToken(name)}`
    return (
      (isStorableText(name) || report(badText(below, 'has a name'))) && walk(inner, below, depth + 1, report)
    )
  })
}

function refusal(value: unknown, pointer: string, depth: number): Violation | undefined {
  if (typeof value === 'string') return isStorableText(value) ? undefined : badText(pointer, 'is a text')
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : tooLarge(pointer)
  if (typeof value !== 'object' || value === null || depth < MAX_NESTING) return undefined
  return violation('nesting', `is nested deeper than ${MAX_NESTING} levels`, pointer)
}

function badText(pointer: string, what: string): Violation {
  const message = `${what} with U+0000 or half a surrogate pair, which cannot be stored`
  return violation('text', message, pointer)
}

function tooLarge(pointer: string): Violation {
  return violation(
    'number',
    'is past the range of a number; a field of type string holds it, sent in quotes',
    pointer,
  )
}
