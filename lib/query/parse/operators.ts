// Parse: the operator words of a filter, `[not.]op[(any|all)].`.
import type { Operator } from '../../fields/field-type.ts'

const operators: readonly Operator[] = [
  'eq',
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'like',
  'ilike',
  'in',
  'is',
  'isdistinct',
  'cs',
  'cd',
  'ov',
]

const known: ReadonlySet<string> = new Set(operators)

const quantified: ReadonlySet<Operator> = new Set<Operator>(['eq', 'like', 'ilike', 'gt', 'gte', 'lt', 'lte'])

export const operatorList = operators.join(', ')

export const isOperator = (word: string): word is Operator => known.has(word)

/** Whether the operator has the forms `op(any)` and `op(all)`. */
export const takesQuantifier = (operator: Operator): boolean => quantified.has(operator)
