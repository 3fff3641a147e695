// Options that several types share: their JSON Schemas, and the rule that a minimum does not exceed its maximum.

import type { Violation } from '../errors/problem.ts'
import type { Field, JsonSchema } from './field.ts'
import { violation } from './violation.ts'

const MAX_COUNT = 2 ** 31 - 1

/** A number of characters, items or bytes. */
export function count(description: string, minimum = 0, maximum = MAX_COUNT): JsonSchema {
  return { type: 'integer', minimum, maximum, description }
}

export const MAX_LENGTH = { max_length: count('Longest text, in characters', 1) }

export const TRIM = {
  trim: {
    type: 'boolean',
    description: 'Whether white space around the text is taken away before it is validated',
  },
}

export const MANY = { many: { type: 'boolean', description: 'A list of values instead of one' } }

/** Refuses a definition whose minimum is above its maximum; `compare` is negative when its first argument is smaller. */
export function checkRange<T>(
  field: Field,
  [low, high]: [string, string],
  compare: (a: T, b: T) => number,
): Violation[] {
  const [min, max] = [field[low], field[high]]
  if (min === undefined || max === undefined || compare(min as T, max as T) <= 0) return []
  return [violation('range', `must be at least ${low} (${String(min)})`, `/${high}`)]
}

export function compareNumbers(a: number, b: number): number {
  return a - b
}

export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** The members whose value is defined: an option that is not given leaves no trace in a JSON Schema. */
export function given(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}

/** Refuses a value below `min` or above `max`, in the order of the keys that `keyOf` makes of values and bounds. */
export function verifyBounds(
  value: unknown,
  { min, max }: { min?: unknown; max?: unknown },
  keyOf: (value: unknown) => string,
): Violation[] {
  if (min === undefined && max === undefined) return []
  const key = keyOf(value)
  const found: Violation[] = []
  if (min !== undefined && key < keyOf(min))
    found.push(violation('minimum', `must be at least ${String(min)}`))
  if (max !== undefined && key > keyOf(max))
    found.push(violation('maximum', `must be at most ${String(max)}`))
  return found
}
