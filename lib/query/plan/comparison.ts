// Plan: a condition on one operand -> Condition, by its operator. Refuses an operator that the field's type does not have.

import { errors } from '../../errors.ts'
import type { Operator } from '../../fields/field-type.ts'
import type { ConditionNode } from '../ast.ts'
import { columnName } from './column.ts'
import type { Comparison, Condition } from './condition.ts'
import { typeContained } from './contained-value.ts'
import { withIdRange } from './created-at.ts'
import type { FieldColumn, JsonColumn, Operand } from './operand.ts'
import { makePattern } from './pattern.ts'
import { type TypedValue, typeValue } from './typed-value.ts'

const comparisons = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const

const opposites: Record<Comparison, Comparison> = {
  '=': '<>',
  '<>': '=',
  '>': '<=',
  '>=': '<',
  '<': '>=',
  '<=': '>',
}

const comparing: readonly Operator[] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'is', 'isdistinct']

const jsonOperators: readonly Operator[] = [...comparing, 'cs', 'cd']

const textOperators: readonly Operator[] = [...comparing, 'like', 'ilike']

type Planner = (node: ConditionNode, operand: Operand, negated: boolean) => Condition

const planners: Record<Operator, Planner> = {
  eq: planCompare,
  neq: planCompare,
  gt: planCompare,
  gte: planCompare,
  lt: planCompare,
  lte: planCompare,
  in: (node, operand, negated) => planMember(operand, node.value as string[], negated),
  is: (node, operand, negated) => planIs(operand, node.value as string, negated),
  isdistinct: planDistinct,
  like: planMatch,
  ilike: planMatch,
  cs: planContains,
  cd: planContains,
  ov: planOverlaps,
}

/** Plans a condition on a resolved operand; `negated` is the parity of every `not` around it. */
export const planComparison: Planner = (node, operand, negated) => {
  const allowed = operatorsOf(operand)
  if (!allowed.includes(node.operator)) throw notAllowed(operand, node.operator, allowed)
  const compared = equalities.has(node.operator) ? asCompared(operand) : operand
  return planners[node.operator](node, compared, negated)
}

const equalities: ReadonlySet<Operator> = new Set<Operator>(['eq', 'neq', 'in', 'isdistinct'])

/** A list has no sort key: it is compared as JSON. */
function asCompared(operand: Operand): Operand {
  if (operand.kind !== 'field' || operand.keyed) return operand
  return { kind: 'json', column: operand, path: [], sqlType: 'jsonb' }
}

/** Types one value of a comparison; that of a list is a list. */
function typeCompared(operand: Operand, text: string): TypedValue {
  const isList =
    operand.kind === 'json' && operand.path.length === 0 && operand.sqlType === 'jsonb' && !operand.integer
  return isList ? { value: JSON.stringify(typeContained(operand.column, text)) } : typeValue(operand, text)
}

/** The operators that filters may use on an operand. */
export function operatorsOf(operand: Operand): readonly string[] {
  if (operand.kind === 'field') return operand.type.operators(operand.field)
  if (operand.kind === 'system') return comparing
  if (operand.integer) return comparing
  return operand.sqlType === 'text' ? textOperators : jsonOperators
}

function planCompare(node: ConditionNode, operand: Operand, negated: boolean): Condition {
  const asked = comparisons[node.operator as keyof typeof comparisons]
  const comparison = negated ? opposites[asked] : asked
  if (node.quantifier === undefined) return compareWith(operand, comparison, node.value as string)
  const texts = node.value as string[]
  if (asked === '=' && node.quantifier === 'any') return planMember(operand, texts, negated)
  const kind = (node.quantifier === 'any') === negated ? 'all' : 'any'
  return { kind, of: texts.map((text) => compareWith(operand, comparison, text)) }
}

function compareWith(operand: Operand, comparison: Comparison, text: string): Condition {
  const { value, long, former } = typeCompared(operand, text)
  if (former !== undefined && (comparison === '=' || comparison === '<>'))
    return planMember(operand, [text], comparison === '<>')
  if (long === undefined || operand.kind !== 'field')
    return withIdRange({ kind: 'compare', column: operand, comparison, value })
  return { kind: 'compareLong', column: operand, comparison, key: value, text: long }
}

function planMember(column: Operand, texts: readonly string[], negated: boolean): Condition {
  if (texts.length === 0) return { kind: negated ? 'all' : 'any', of: [] }
  const typed = texts.map((text) => typeCompared(column, text))
  const values = typed.flatMap(({ value, former = value }) => (former === value ? [value] : [value, former]))
  if (column.kind !== 'field' || typed.every(({ long }) => long === undefined))
    return { kind: 'member', column, negated, values }
  return { kind: 'memberLong', column, negated, keys: values, texts: [...texts] }
}

/** `is` matches null, or one boolean; its negation includes null. */
function planIs(column: Operand, word: string, negated: boolean): Condition {
  if (word === 'null' || word === 'not_null') return isNull(column, negated !== (word === 'not_null'))
  if (column.kind !== 'field' || column.type.name !== 'boolean')
    throw notAllowed(column, `is.${word}`, ['is.null', 'is.not_null'])
  if (word === 'unknown') return isNull(column, negated)
  const compare = compareWith(column, negated ? '<>' : '=', word)
  return negated ? { kind: 'any', of: [compare, isNull(column, false)] } : compare
}

/** As `neq`, but null is a value of its own. */
function planDistinct(node: ConditionNode, column: Operand, negated: boolean): Condition {
  const compare = compareWith(column, negated ? '=' : '<>', node.value as string)
  return negated ? compare : { kind: 'any', of: [compare, isNull(column, false)] }
}

function planMatch(node: ConditionNode, operand: Operand, negated: boolean): Condition {
  const texts = typeof node.value === 'string' ? [node.value] : node.value
  const column = operand as FieldColumn | JsonColumn
  const pattern = makePattern(texts, node.operator === 'ilike', node.quantifier ?? 'all')
  // A former key does not begin with what the letters of the text fold to now.
  const isFormer = column.kind === 'field' && column.formerKeys && pattern.folding !== undefined
  return { kind: 'match', column, negated, pattern: isFormer ? { ...pattern, prefix: '' } : pattern }
}

function planContains(node: ConditionNode, operand: Operand, negated: boolean): Condition {
  const column = operand as FieldColumn | JsonColumn
  const json = JSON.stringify(typeContained(column, node.value as string))
  return { kind: node.operator === 'cs' ? 'contains' : 'contained', column, negated, json }
}

function planOverlaps(node: ConditionNode, operand: Operand, negated: boolean): Condition {
  const column = operand as FieldColumn
  const values = typeContained(column, node.value as string) as unknown[]
  return { kind: 'overlaps', column, negated, lists: values.map((value) => JSON.stringify([value])) }
}

const isNull = (column: Operand, negated: boolean): Condition => ({ kind: 'null', column, negated })

function notAllowed(operand: Operand, operator: string, allowed: readonly string[]) {
  return errors.operatorNotAllowed(columnName(operand), operator, allowed)
}
