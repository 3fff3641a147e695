// Plan: the use of indexes by a list: the columns by which its filter narrows an index scan, and whether the best plan
// depends on the values of the filter.

import type { Condition } from './condition.ts'
import type { GroupOutput } from './level-plan.ts'
import type { Column, Operand } from './operand.ts'
import type { OrderKey } from './order.ts'
import type { RecordsList } from './plan-list.ts'
import { idColumn } from './system-columns.ts'
import { weightOf } from './weight.ts'

/** A column that a condition restricts, to one value or to a range. */
export interface Bound {
  column: Column
  exact: boolean
}

/** The columns by whose index the filter can be narrowed; of an `or` those of all sides, if each side has one. */
export function boundColumns(condition: Condition): Bound[] {
  switch (condition.kind) {
    case 'all':
      return condition.of.flatMap(boundColumns)
    case 'any': {
      const sides = condition.of.map(boundColumns)
      return sides.every((side) => side.length > 0) ? sides.flat().map(asRange) : []
    }
    case 'compare':
    case 'compareLong':
      return condition.comparison === '<>' ? [] : bound(condition.column, condition.comparison === '=')
    case 'member':
    case 'memberLong':
      return condition.negated
        ? []
        : bound(condition.column, condition.kind === 'member' && condition.values.length === 1)
    case 'null':
      return bound(condition.column, !condition.negated)
    case 'match':
      return condition.negated || condition.pattern.prefix === '' ? [] : bound(condition.column, false)
    default:
      return []
  }
}

function bound(column: Operand, exact: boolean): Bound[] {
  return column.kind === 'json' ? [] : [{ column, exact }]
}

const asRange = ({ column }: Bound): Bound => ({ column, exact: false })

/**
 * Whether one index gives a list both its filter and its order, so that it reads little more than it shows: nothing
 * that was skipped, sorted or looked up elsewhere.
 */
export function isIndexWalk({ where, order, outputs, offset, maxLimit }: RecordsList): boolean {
  const [first, next] = order.map(({ column }) => column)
  if (first === undefined || first.kind === 'related' || first.kind === 'json' || !hasIndex(first))
    return false
  const narrow = leavesOf(where).every((leaf) => isSpan(leaf, first))
  const sorted = first === idColumn || next === idColumn
  return narrow && sorted && offset <= maxLimit && isLight(outputs)
}

/** Whether each record costs little: no others are looked at for its place in the list, and few for what is shown of it. */
export function costsLittleEach({ where, order, outputs }: RecordsList): boolean {
  return isOwn(where) && order.every(({ column }) => column.kind !== 'related') && isLight(outputs)
}

/** Whether a condition looks at the record alone, at any depth. */
function isOwn(condition: Condition): boolean {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.every(isOwn)
  return condition.kind !== 'related' && condition.kind !== 'inUse'
}

function isLight(outputs: readonly GroupOutput[]): boolean {
  return outputs.every(isLookup) && weightOf(outputs) <= MOST_LOOKUPS
}

/** Records that one record of a walk may look up, itself included. */
const MOST_LOOKUPS = 3

/** Whether an output takes its record alone, or also others that are found by their ids, one each. */
function isLookup(output: GroupOutput): boolean {
  if (output.kind === 'column') return true
  if (output.kind !== 'embed' && output.kind !== 'spread') return false
  const { relation, where } = output.embed.related
  const isById = relation.kind === 'forward' && relation.single && leavesOf(where).every(isOwnLeaf)
  return isById && output.embed.rows.kind === 'records' && output.embed.rows.outputs.every(isLookup)
}

/** Whether a condition looks at the record alone. */
const isOwnLeaf = ({ kind }: Condition) => kind !== 'related' && kind !== 'any'

/** Conditions that must all hold. */
export function leavesOf(condition: Condition): Condition[] {
  return condition.kind === 'all' ? condition.of.flatMap(leavesOf) : [condition]
}

/** Whether a condition is one stretch of an index that has the order; a pattern or a list of values leaves gaps. */
function isSpan(leaf: Condition, first: Column): boolean {
  const [bound, ...others] = boundColumns(leaf)
  if (bound === undefined || others.length > 0 || !hasIndex(bound.column)) return false
  if (bound.exact) return first === idColumn || isSameColumn(bound.column, first)
  return (leaf.kind === 'compare' || leaf.kind === 'null') && isSameColumn(bound.column, first)
}

/** Whether an index narrows down conditions on the column. */
export function hasIndex(column: Column): boolean {
  if (column.kind === 'field') return column.slot !== null
  return column === idColumn || column.name === 'created_by'
}

/**
 * Whether two indexes compete for a list, one that has its filter and one that has its order: for a rare value the one
 * is right and for a frequent value the other, so a plan made without the values may read the whole entity.
 * A list of values is such a case too: an index gives the records of each in the order of their ids, but not those of all.
 */
export function dependsOnValues({ where, order }: RecordsList): boolean {
  const first = order[0]?.column
  return boundColumns(where).some(
    ({ column, exact }) => hasIndex(column) && !isSameColumn(column, first) && !(exact && first === idColumn),
  )
}

export function isSameColumn(a: Column, b: OrderKey['column'] | undefined): boolean {
  if (a.kind === 'field') return b?.kind === 'field' && a.field === b.field
  return a === b
}
