// The sets of filter operators, one of which each type has.
import type { Operator } from './field-type.ts'

/** Everything with a sort key can be compared. */
export const COMPARABLE: readonly Operator[] = [
  'eq',
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'in',
  'is',
  'isdistinct',
]

export const TEXTUAL: readonly Operator[] = [...COMPARABLE, 'like', 'ilike']

/** Lists: the same list, contains, is contained in, overlaps. */
export const LIST: readonly Operator[] = ['eq', 'neq', 'in', 'isdistinct', 'cs', 'cd', 'ov', 'is']

/** JSON documents and objects. */
export const DOCUMENT: readonly Operator[] = ['cs', 'cd', 'is']
