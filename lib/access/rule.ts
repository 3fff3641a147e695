// A row filter: from its text in the query grammar to a condition on records, for one caller. `$user.id`, `$user.username`
// and `$user.role` stand for the caller's own values, never for text of the grammar. Refused is whatever is no filter.

import type { Entity } from '../entities/entity.ts'
import { errors } from '../errors.ts'
import type { ConditionNode, FilterNode, Query } from '../query/ast.ts'
import { MAX_QUERY_LENGTH } from '../query/limits.ts'
import { parseQuery } from '../query/parse/parse-query.ts'
import type { Condition } from '../query/plan/condition.ts'
import type { PlanContext } from '../query/plan/context.ts'
import { planFilter } from '../query/plan/filter.ts'

/** The caller's values that a filter may speak of; with the id null the caller is nobody and has only a role. */
export interface User {
  id: string | null
  username: string
  role: string
}

const VARIABLES: ReadonlySet<string> = new Set(['$user.id', '$user.username', '$user.role'])

/** Values that mean themselves inside a list as well. */
const PLAIN = /\$user\.(id|role)(?![\w.])/g

/** Those that only somebody has. */
const NOBODYS = /\$user\.(id|username)(?![\w.])/

const UNKNOWN: FilterNode = { kind: 'unknown' }

const LISTS: ReadonlySet<string> = new Set(['cs', 'cd', 'ov'])

const PATTERNS: ReadonlySet<string> = new Set(['like', 'ilike'])

/** The filter that a text means; errors.malformedQuery. */
export function parseRule(text: string): FilterNode {
  if (text.length > MAX_QUERY_LENGTH)
    throw errors.malformedQuery(`A row filter may have at most ${MAX_QUERY_LENGTH} characters.`)
  const query = parseQuery(text)
  if (!isFilterOnly(query))
    throw errors.malformedQuery('A row filter takes filters on the fields of the entity and nothing else.')
  if (query.where.length === 0)
    throw errors.malformedQuery('A row filter needs a condition; else write true.')
  const node: FilterNode = { kind: 'and', negated: false, nodes: query.where }
  for (const condition of conditionsOf(node)) checkVariables(condition)
  return node
}

function isFilterOnly({
  select,
  order,
  limit,
  offset,
  cursor,
  columns,
  onConflict,
  embedded,
}: Query): boolean {
  const others = [limit, offset, cursor, columns, onConflict]
  const selected = select.length !== 1 || select[0]?.kind !== 'all'
  return (
    !selected && order.length === 0 && embedded.size === 0 && others.every((other) => other === undefined)
  )
}

function conditionsOf(node: FilterNode): ConditionNode[] {
  if (node.kind === 'unknown') return []
  return node.kind === 'condition' ? [node] : node.nodes.flatMap(conditionsOf)
}

function checkVariables({ field, operator, value }: ConditionNode): void {
  for (const text of [value].flat()) {
    if (!text.includes('$user')) continue
    const known = LISTS.has(operator) ? !text.replace(PLAIN, '').includes('$user') : VARIABLES.has(text)
    if (known && !PATTERNS.has(operator)) continue
    throw errors.malformedQuery(
      `${field.name}: ${operator} does not take "${text.slice(0, 80)}".`,
      `A value may be one of ${[...VARIABLES].join(', ')}; in the lists of cs, cd and ov an element $user.id or $user.role.`,
    )
  }
}

/** Names of the fields that a filter speaks of. */
export function namesIn(node: FilterNode): string[] {
  return [...new Set(conditionsOf(node).map(({ field }) => field.name))]
}

/** The condition that a filter is for this user; throws what the plan stage refuses. */
export function planRule(node: FilterNode, entity: Entity, user: User): Condition {
  return planFilter([bindUser(node, user)], { ...ruleContext(entity), embeds: new Map() })
}

/** A filter may use every field of the entity, and no other entity. */
export function ruleContext(entity: Entity): PlanContext {
  return { entity, readable: () => true, lookup: () => undefined, defaultLimit: 0, maxLimit: 0 }
}

/** The filter with the user's values in the place of the variables. */
export function bindUser(node: FilterNode, user: User): FilterNode {
  if (node.kind === 'unknown') return node
  if (node.kind !== 'condition') return { ...node, nodes: node.nodes.map((inner) => bindUser(inner, user)) }
  if (user.id === null) return bindNobody(node, user)
  return bindValues(node, user)
}

function bindValues(node: ConditionNode, user: User): ConditionNode {
  const bind = (text: string) => bindText(text, LISTS.has(node.operator), user)
  return { ...node, value: typeof node.value === 'string' ? bind(node.value) : node.value.map(bind) }
}

/** Nobody has no id and no name: what is compared with them is neither true nor false, as null in SQL. */
function bindNobody(node: ConditionNode, user: User): FilterNode {
  const texts = [node.value].flat()
  const known = texts.filter((text) => !NOBODYS.test(text))
  if (known.length === texts.length) return bindValues(node, user)
  const anyOf = node.operator === 'in' || node.quantifier === 'any'
  if (!anyOf) return UNKNOWN
  const rest = bindValues({ ...node, negated: false, value: known }, user)
  return { kind: 'or', negated: node.negated, nodes: [rest, UNKNOWN] }
}

function bindText(text: string, list: boolean, user: User): string {
  if (!text.includes('$user')) return text
  if (list) return text.replace(PLAIN, (_, name: 'id' | 'role') => user[name] ?? '')
  return VARIABLES.has(text) ? (user[text.slice('$user.'.length) as keyof User] ?? '') : text
}
