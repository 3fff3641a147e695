// Plan: a query that differs from one that was planned in the values of its filters alone takes over that plan, and the SQL
// made of it: most requests of an application are of a few forms, with values of their own.

import type { Operator } from '../../fields/field-type.ts'
import type { FilterNode, Query } from '../ast.ts'
import type { Condition } from './condition.ts'

/** A condition with values that no SQL text depends on. */
export type Leaf = Extract<Condition, { kind: 'compare' | 'member' }>

/** The leaves of one filter with those of another of the same form. */
export type LeafPairs = ReadonlyMap<Leaf, Leaf>

const VALUED: ReadonlySet<Operator> = new Set(['eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'in', 'isdistinct'])

/**
 * A query without the values of its filters; undefined: its plan depends on them, on a place in the list, or on other entities.
 */
export function formOf(query: Query): string | undefined {
  const { select, where, order, limit, offset, cursor, embedded, usesOthers } = query
  if (cursor !== undefined || where.length === 0) return undefined
  if (embedded.size > 0 || usesOthers) return undefined
  const filter = formsOf(where)
  return filter === undefined ? undefined : JSON.stringify([filter, select, order, limit, offset])
}

function formsOf(nodes: readonly FilterNode[]): unknown[] | undefined {
  const forms: unknown[] = []
  for (const node of nodes) {
    const form = formOfNode(node)
    if (form === undefined) return undefined
    forms.push(form)
  }
  return forms
}

function formOfNode(node: FilterNode): unknown {
  if (node.kind === 'unknown') return undefined
  if (node.kind !== 'condition') {
    const inner = formsOf(node.nodes)
    return inner && [node.kind, node.negated, inner]
  }
  const { field, negated, operator, quantifier, value } = node
  if (operator === 'is') return [field, negated, value]
  return VALUED.has(operator) ? [field, negated, operator, quantifier] : undefined
}

/** The leaves of a filter beside those of another; undefined when they differ in more than values. */
export function pairLeaves(before: Condition, now: Condition): LeafPairs | undefined {
  const pairs = new Map<Leaf, Leaf>()
  return isPaired(before, now, pairs) ? pairs : undefined
}

function isPaired(before: Condition, now: Condition, pairs: Map<Leaf, Leaf>): boolean {
  if (before.kind === 'all' || before.kind === 'any') {
    if (before.kind !== now.kind || before.of.length !== now.of.length) return false
    return before.of.every((inner, at) => isPaired(inner, now.of[at] as Condition, pairs))
  }
  if (before.kind === 'null') return now.kind === 'null' && before.negated === now.negated
  if (!isLeaf(before) || !isLeaf(now) || !isSameForm(before, now)) return false
  pairs.set(before, now)
  return true
}

const isLeaf = (condition: Condition): condition is Leaf =>
  condition.kind === 'compare' || condition.kind === 'member'

function isSameForm(before: Leaf, now: Leaf): boolean {
  if (before.kind === 'compare') return now.kind === 'compare' && before.comparison === now.comparison
  if (now.kind !== 'member' || before.negated !== now.negated) return false
  return (before.values.length === 1) === (now.values.length === 1)
}
