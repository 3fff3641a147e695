// SQL: a page of a list whose filter has an index and whose order has another, or none. Rare matches are all taken by the
// filter's index and sorted; frequent ones are soon met on a walk in the list's order. An index tells which it is before
// any record is read. Both are bounded and of fixed shape, so that the statement is planned once for all values.

import { Parameters } from '../../db/parameters.ts'
import type { Relation } from '../plan/condition.ts'
import { costsLittleEach, hasIndex } from '../plan/index-use.ts'
import { type Narrowing, narrowingsOf } from '../plan/narrowing.ts'
import type { OrderKey } from '../plan/order.ts'
import type { RecordsList } from '../plan/plan-list.ts'
import { conditionSql } from './condition.ts'
import { endOf, limitSql, rowsOfPageSql, toStatement } from './list.ts'
import { operandSql } from './operand.ts'
import { orderBySql } from './order.ts'
import { afterCursorSql, orderRanges } from './range.ts'
import { referringSql } from './relation.ts'
import { Row } from './row.ts'
import { boundOwnerSql, type EntityStatement } from './scope.ts'

export interface Bounds {
  /** Entries of the filter's index up to which matches are rare. */
  rare: number
  /** Records that a walk may look at, whether they match or not. */
  walk: number
}

/** Tried in turn: a page that one leaves open costs the next no more than twice what it would have cost alone. */
const STEPS: readonly Bounds[] = [
  { rare: 1000, walk: 1024 },
  { rare: 16_000, walk: 16_384 },
]

/** Rows up to the end of a page for which such a walk is worth while. */
const LAST_ROW = 200

/** Makers of the statements that look for a page within bounds, the cheapest first; none: no index has the filter, or the page is too far. */
export function boundedSteps(plan: RecordsList): (() => EntityStatement)[] {
  const sides = narrowingsOf(plan.where)
  if (sides.length === 0 || plan.limit === 0 || endOf(plan) > LAST_ROW) return []
  return STEPS.map((bounds, at) => () => {
    // What may take long keeps nobody waiting who shares a transaction with it.
    const cost = at === 0 && costsLittleEach(plan) ? 'page' : 'open'
    return { ...filterFirstSql(plan, sides, bounds), cost }
  })
}

/**
 * As `listSql`; a row of nulls follows where the matches are frequent, and then only a full page is the page: else the walk
 * ended too early.
 */
export function filterFirstSql(
  plan: RecordsList,
  sides: readonly Narrowing[],
  bounds: Bounds,
): EntityStatement {
  const row = new Row(new Parameters())
  const scope = { plan, sides, row }
  const frequent = `with frequent as materialized (${frequentSql(scope, bounds.rare)})`
  const pages = [rareSql(scope, bounds.rare), ...walkSql(scope, bounds.walk)].map(
    (matches) => `(${rowsOfPageSql(plan, pageOf(plan, matches, row), row)})`,
  )
  const nulls = `select null${', null'.repeat(plan.order.length)} from frequent`
  return toStatement(`${frequent} ${[...pages, nulls].join(' union all ')}`, row)
}

function pageOf(plan: RecordsList, matches: string, row: Row): string {
  return `select * from (${matches}) r order by ${orderBySql(plan.order, row)} ${limitSql(plan, row)}`
}

interface Scope {
  plan: RecordsList
  sides: readonly Narrowing[]
  row: Row
}

/** One row if the filter's index has more than `rare` entries. */
function frequentSql({ plan, sides, row }: Scope, rare: number): string {
  const entries = sides.map((side) => `(${entriesSql(plan, side, row)} limit ${rare + 1})`)
  return `select true as yes from (${entries.join(' union all ')}) entries offset ${rare} limit 1`
}

/** The ids of the records that refer to one of this side. */
function referringToSql({ conditions }: Narrowing, via: Relation, row: Row): string {
  return referringSql(via, row, (target) => conditionSql({ kind: 'all', of: conditions }, target))
}

function entriesSql({ entity }: RecordsList, side: Narrowing, row: Row): string {
  if (side.via !== undefined) return referringToSql(side, side.via, row)
  const met = conditionSql({ kind: 'all', of: side.conditions }, row)
  return `select true from record r where ${boundOwnerSql(entity, row)} and ${met}`
}

/**
 * All matches, since they are few: what the entries of the filter's index lead to, and of that what meets the whole filter. Only
 * so does the planner use no other index.
 */
function rareSql({ plan, sides, row }: Scope, rare: number): string {
  const [side, ...others] = sides as [Narrowing, ...Narrowing[]]
  const byIndex = others.length > 0 || side.rank > 1 ? '' : `order by ${operandSql(side.column, row)}, r.id`
  const met = sides.map((one) => foundSql(one, rare, row)).join(' or ')
  const where = `${boundOwnerSql(plan.entity, row)} and (${met}) and (select yes from frequent) is null`
  const found = `select r.* from record r where ${where} ${byIndex} limit ${rare}`
  const whole = [conditionSql(plan.where, row), ...afterCursorSql(plan, row)].join(' and ')
  return `select r.* from (${found}) r where ${whole}`
}

/** The condition that an entry of the side leads to the record. */
function foundSql(side: Narrowing, rare: number, row: Row): string {
  if (side.via === undefined) return conditionSql({ kind: 'all', of: side.conditions }, row)
  return `r.id = any (array(${referringToSql(side, side.via, row)} limit ${rare}))`
}

/** The matches among the first records of each piece of the list, if there is an index of its order. */
function walkSql({ plan, row }: Scope, walk: number): string[] {
  const { column } = plan.order[0] as OrderKey
  if (column.kind === 'related' || column.kind === 'json' || !hasIndex(column)) return []
  const { ranges, order } = orderRanges(plan)
  const by = orderBySql(order, row)
  const pieces = ranges.map((range) => {
    const where = [boundOwnerSql(plan.entity, row), ...range(row), '(select yes from frequent)']
    const walked = `select r.* from record r where ${where.join(' and ')} order by ${by} limit ${walk}`
    return `(select r.* from (${walked}) r where ${conditionSql(plan.where, row)})`
  })
  return [`select * from (${pieces.join(' union all ')}) r limit ${row.bind(endOf(plan), 'bigint')}`]
}
