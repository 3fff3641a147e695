// Plan: parsed filters x entity -> Condition. Resolves and types everything, and moves each `not` into the leaves,
// where it becomes the opposite comparison; so a null never matches a comparison, negated or not, with or without a slot.
import { errors } from '../../errors.ts'
import type { Operator } from '../../fields/field-type.ts'
import type { ConditionNode, FilterNode } from '../ast.ts'
import { type Column, columnName, findColumn } from './column.ts'
import type { Comparison, Condition } from './condition.ts'
import type { PlanContext } from './context.ts'
import { typeValue } from './typed-value.ts'

const comparisons = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const
const opposites: Record<Comparison, Comparison> = {
  '=': '<>',
  '<>': '=',
  '>': '<=',
  '>=': '<',
  '<': '>=',
  '<=': '>',
}
const systemOperators: readonly Operator[] = ['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'is']

/** Plans filters that must all hold. */
export function planFilter(nodes: readonly FilterNode[], context: PlanContext): Condition {
  return { kind: 'all', of: nodes.map((node) => planNode(node, false, context)) }
}

function planNode(node: FilterNode, negated: boolean, context: PlanContext): Condition {
  const opposite = negated !== node.negated
  if (node.kind === 'condition') return planCondition(node, opposite, context)
  const kind = (node.kind === 'and') === opposite ? 'any' : 'all'
  return { kind, of: node.nodes.map((inner) => planNode(inner, opposite, context)) }
}

function planCondition(node: ConditionNode, negated: boolean, context: PlanContext): Condition {
  const column = findColumn(node.field, context)
  const allowed = column.kind === 'system' ? systemOperators : column.type.operators(column.field)
  if (!allowed.includes(node.operator))
    throw errors.operatorNotAllowed(columnName(column), node.operator, allowed)
  if (node.operator === 'in') return planMember(column, node.value as string[], negated)
  if (node.operator === 'is') return planIs(column, node.value as string, negated)
  if (node.operator in comparisons) return planCompare(node, column, negated)
  throw errors.operatorNotAllowed(columnName(column), node.operator, allowed)
}

function planCompare(node: ConditionNode, column: Column, negated: boolean): Condition {
  const asked = comparisons[node.operator as keyof typeof comparisons]
  const comparison = negated ? opposites[asked] : asked
  if (typeof node.value !== 'string')
    throw errors.malformedQuery(`${columnName(column)}: ${node.operator} takes one value.`)
  const { value, long } = typeValue(column, node.value)
  if (long === undefined || column.kind === 'system') return { kind: 'compare', column, comparison, value }
  return { kind: 'compareLong', column, comparison, key: value, text: long }
}

function planMember(column: Column, texts: readonly string[], negated: boolean): Condition {
  if (texts.length === 0) return { kind: negated ? 'all' : 'any', of: [] }
  const typed = texts.map((text) => typeValue(column, text))
  const values = typed.map(({ value }) => value)
  if (column.kind === 'system' || typed.every(({ long }) => long === undefined))
    return { kind: 'member', column, negated, values }
  return { kind: 'memberLong', column, negated, keys: values, texts: [...texts] }
}

/** `is` never compares with null: it asks for null, or for one boolean, and its opposite includes null. */
function planIs(column: Column, word: string, negated: boolean): Condition {
  const isNull = (not: boolean): Condition => ({ kind: 'null', column, negated: not })
  if (word === 'null') return isNull(negated)
  if (word === 'not_null') return isNull(!negated)
  if (column.kind === 'system' || column.type.name !== 'boolean')
    throw errors.operatorNotAllowed(columnName(column), `is.${word}`, ['is.null', 'is.not_null'])
  if (word === 'unknown') return isNull(negated)
  const { value } = typeValue(column, word)
  const compare: Condition = { kind: 'compare', column, comparison: negated ? '<>' : '=', value }
  return negated ? { kind: 'any', of: [compare, isNull(false)] } : compare
}
