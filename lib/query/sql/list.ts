// SQL: ListPlan -> the statement of a list, and of its count. Each row has the record's JSON and, for the cursor, its order
// keys. The statement reads one row more than the page, to determine whether there is a next page.

import { Parameters } from '../../db/parameters.ts'
import { dependsOnValues, isIndexWalk } from '../plan/index-use.ts'
import type { Selection } from '../plan/level-plan.ts'
import type { ListPlan, Paging, RecordsList } from '../plan/plan-list.ts'
import { conditionSql } from './condition.ts'
import { cursorKeySql, orderBySql } from './order.ts'
import { recordSql, rowsSql } from './projection.ts'
import { orderRanges, type Range } from './range.ts'
import { Row } from './row.ts'
import { boundOwnerSql, type EntityStatement } from './scope.ts'

/** The list's rows: the record's JSON, then its order keys (`id` last). Groups have no order keys. */
export function listSql(plan: ListPlan): EntityStatement {
  const row = new Row(new Parameters())
  if (plan.kind === 'groups') return toStatement(`${groupRowsSql(plan, row)} ${limitSql(plan, row)}`, row)
  const statement = toStatement(rowsOfPageSql(plan, pageSql(plan, row), row), row)
  const cost = isIndexWalk(plan) ? 'page' : 'open'
  return { ...statement, cost, planEachTime: dependsOnValues(plan) }
}

/** The rows of the records that `page` selects. */
export function rowsOfPageSql(plan: RecordsList, page: string, row: Row): string {
  const keys = plan.order.map((key) => cursorKeySql(key, row))
  return `select ${[recordSql(plan.outputs, row), ...keys].join(', ')} from (${page}) r`
}

/** As `listSql`, with the record's JSON alone, and whole when the plan's limits are infinite. */
export function exportSql(plan: ListPlan): EntityStatement {
  if (plan.kind === 'groups') return listSql(plan)
  const row = new Row(new Parameters())
  const { ranges, order } = orderRanges(plan)
  const pieces = ranges.map((range) => `(${pieceSql({ ...plan, order: [...order] }, range, row)})`)
  // Read by a cursor, which takes one piece after the other: it never runs in parallel.
  const page = `select * from (${pieces.join(' union all ')}) r ${limitSql(plan, row)}`
  return toStatement(`select ${recordSql(plan.outputs, row)} from (${page}) r`, row)
}

/** The number of records that the filter matches, or of groups, on all pages. */
export function countSql(plan: Selection | ListPlan): EntityStatement {
  const row = new Row(new Parameters())
  const grouped = 'kind' in plan && plan.kind === 'groups'
  const from = grouped ? `(${groupRowsSql(plan, row)}) x` : `record r where ${scopeSql(plan, row)}`
  return toStatement(`select count(*) from ${from}`, row)
}

/** One row for each record that the filter matches. */
export function matchSql(plan: Selection): EntityStatement {
  const row = new Row(new Parameters())
  return toStatement(`select 1 from record r where ${scopeSql(plan, row)}`, row)
}

/** The condition that every statement on records begins with: tenant, entity, filter. */
export function scopeSql({ entity, where }: Selection, row: Row): string {
  return `${boundOwnerSql(entity, row)} and ${conditionSql(where, row)}`
}

function groupRowsSql(plan: Extract<ListPlan, { kind: 'groups' }>, row: Row): string {
  return rowsSql(plan, { row, from: 'record r', where: scopeSql(plan, row) })
}

/** The records of the page: the pieces one after the other, cut to offset and limit. */
function pageSql(plan: RecordsList, row: Row): string {
  const { ranges, order } = orderRanges(plan)
  const pieces = ranges.map((range) => pieceSql({ ...plan, order: [...order] }, range, row))
  const all = pieces.length === 1 ? `(${pieces[0]}) r` : unionSql(plan, pieces, row)
  return `select * from ${all} ${limitSql(plan, row)}`
}

/** Each piece gives only what those before it have left of the page, so that no more is read than is shown. */
function unionSql(plan: RecordsList, pieces: readonly string[], row: Row): string {
  const end = row.bind(endOf(plan), 'bigint')
  const parts = pieces.map((piece, at) => {
    const before = Array.from({ length: at }, (_, n) => ` - (select count(*) from p${n})`)
    return `p${at} as (select * from (${piece}) r limit ${end}${before.join('')})`
  })
  const all = pieces.map((_, at) => `select * from p${at}`).join(' union all ')
  return `(with ${parts.join(', ')} ${all}) r order by ${orderBySql(plan.order, row)}`
}

/**
 * One piece in the order that an index gives. Its limit is a constant: with a parameter the planner assumes a tenth of
 * the entity and gives up walking the index.
 */
function pieceSql(plan: RecordsList, range: Range, row: Row): string {
  const where = [scopeSql(plan, row), ...range(row)].join(' and ')
  const room = roomFor(plan)
  const limit = room === Number.POSITIVE_INFINITY ? 'all' : room
  return `select r.* from record r where ${where} order by ${orderBySql(plan.order, row)} limit ${limit}`
}

/** At least the rows up to the end of the page; one of few numbers, since each makes another text. */
function roomFor(plan: RecordsList): number {
  let room = plan.maxLimit + 1
  while (room < endOf(plan)) room *= 4
  return room
}

/** The page's limit and offset. */
export function limitSql(plan: Paging, row: Row): string {
  const limit = `limit ${atMost(pageSize(plan), row)}`
  return plan.offset === 0 ? limit : `${limit} offset ${row.bind(plan.offset, 'bigint')}`
}

function atMost(rows: number, row: Row): string {
  return Number.isFinite(rows) ? row.bind(rows, 'bigint') : 'all'
}

/** The rows up to the end of the page, and one more. */
export const endOf = (plan: Paging) => plan.offset + pageSize(plan)

function pageSize({ limit }: Paging): number {
  return limit === 0 ? 0 : limit + 1
}

export function toStatement(text: string, { params: { values, owners, sources } }: Row): EntityStatement {
  return { text, values, owners, sources }
}
