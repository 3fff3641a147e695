// Plan: the conditions of a filter by which an index finds every match, and little else.
import type { Condition, Relation } from './condition.ts'
import { isFiles } from './file-columns.ts'
import { boundColumns, hasIndex, isSameColumn, leavesOf } from './index-use.ts'
import type { Column } from './operand.ts'

/** Conditions on one indexed column: all of them hold for the records of this side of the filter. */
export interface Narrowing {
  column: Column
  conditions: Condition[]
  /** The relation that leads to the record of which they hold; absent: it is the listed one. */
  via?: Relation
  /** The lower, the fewer records it leaves, as a rule. */
  rank: number
}

/** A statement with more sides is long and rarely reused. */
const MOST_SIDES = 8

/**
 * The sides of a filter: each match is on one of them. Of the indexed columns that must all be met the most selective kind of
 * condition is taken. Empty: no index finds the matches.
 */
export function narrowingsOf(where: Condition): Narrowing[] {
  const sides = sidesOf(where)
  const isOne = sides.length === 1
  return sides.length > MOST_SIDES || (!isOne && sides.some(({ via }) => via !== undefined)) ? [] : sides
}

/** Whether the records are found by an index on those that they refer to. */
export const isNarrowedByOthers = (where: Condition): boolean =>
  narrowingsOf(where).some(({ via }) => via !== undefined)

function sidesOf(condition: Condition): Narrowing[] {
  if (condition.kind !== 'any') return bestOf(leavesOf(condition))
  const sides = condition.of.map(sidesOf)
  return sides.every((side) => side.length > 0) ? sides.flat() : []
}

function bestOf(leaves: readonly Condition[]): Narrowing[] {
  const byColumn = new Map<Column, Narrowing>()
  let best: Narrowing[] = []
  for (const leaf of leaves) {
    const sides = leaf.kind === 'any' ? sidesOf(leaf) : [...columnOf(leaf, byColumn), ...referredOf(leaf)]
    if (sides.length > 0 && (best.length === 0 || rankOf(sides) < rankOf(best))) best = sides
  }
  return best
}

/** Of several sides the worst counts, and their number. */
const rankOf = (sides: readonly Narrowing[]) => Math.max(...sides.map(({ rank }) => rank)) + sides.length - 1

/** The leaf with those before it on the same column. */
function columnOf(leaf: Condition, byColumn: Map<Column, Narrowing>): Narrowing[] {
  const [bound] = boundColumns(leaf)
  if (bound === undefined || !hasIndex(bound.column)) return []
  const key = [...byColumn.keys()].find((column) => isSameColumn(column, bound.column)) ?? bound.column
  const known = byColumn.get(key)
  const rank = bound.exact ? rankOfExact(bound.column) : leaf.kind === 'member' ? RANK.member : RANK.range
  const joined =
    known === undefined
      ? { column: key, conditions: [leaf], rank }
      : {
          column: key,
          conditions: [...known.conditions, leaf],
          rank: Math.min(known.rank, rank, RANK.bothEnds),
        }
  byColumn.set(key, joined)
  return [joined]
}

/** The conditions on a record that the listed one refers to. */
function referredOf(leaf: Condition): Narrowing[] {
  if (leaf.kind !== 'related' || leaf.negated) return []
  const { relation } = leaf.related
  if (relation.kind !== 'forward' || isFiles(relation.target)) return []
  const [side, ...others] = sidesOf(leaf.related.where)
  if (side === undefined || others.length > 0 || side.via !== undefined) return []
  return [{ ...side, via: relation, rank: side.rank + RANK.bothEnds }]
}

const RANK = { unique: 0, exact: 1, member: 2, bothEnds: 3, oneOfTwo: 4, range: 5 }

function rankOfExact(column: Column): number {
  if (column.kind === 'system') return RANK.exact
  if (column.field.unique) return RANK.unique
  return column.type.name === 'boolean' ? RANK.oneOfTwo : RANK.exact
}
