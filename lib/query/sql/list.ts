// SQL: ListPlan -> the statement of a list, and of its count. Each row holds the record's finished JSON and, for the
// cursor, its order keys. One row more than the page is read, to know whether there is a next page.
import { Parameters } from '../../postgres/parameters.ts'
import type { Statement } from '../../postgres/queryable.ts'
import type { Scope } from '../plan/level-plan.ts'
import type { OrderKey } from '../plan/order.ts'
import type { ListPlan, Paging, RecordsList } from '../plan/plan-list.ts'
import { conditionSql } from './condition.ts'
import { cursorKeySql, orderBySql } from './order.ts'
import { recordSql, rowsSql } from './projection.ts'
import { orderRanges, type Range } from './range.ts'
import { Row } from './row.ts'
import { ownerSql } from './scope.ts'

/** The list's rows: the record's JSON, then its order keys (`id` last). Groups have no order keys. */
export function listSql(plan: ListPlan): Statement {
  const row = new Row(new Parameters())
  if (plan.kind === 'groups') return toStatement(`${groupRowsSql(plan, row)} ${limitSql(plan, row)}`, row)
  const page = pageSql(plan, row)
  const keys = plan.order.map((key) => cursorKeySql(key, row))
  return toStatement(`select ${[recordSql(plan.outputs, row), ...keys].join(', ')} from (${page}) r`, row)
}

/** The number of records that the filter matches, or of groups, whatever the page. */
export function countSql(plan: Scope | ListPlan): Statement {
  const row = new Row(new Parameters())
  const grouped = 'kind' in plan && plan.kind === 'groups'
  const from = grouped ? `(${groupRowsSql(plan, row)}) x` : `record r where ${scopeSql(plan, row)}`
  return toStatement(`select count(*) from ${from}`, row)
}

/** One row for each record that the filter matches. */
export function matchSql(plan: Scope): Statement {
  const row = new Row(new Parameters())
  return toStatement(`select 1 from record r where ${scopeSql(plan, row)}`, row)
}

/** The condition that every statement on records begins with: tenant, entity, filter. */
export function scopeSql({ entity, where }: Scope, row: Row): string {
  return `${ownerSql(entity, row)} and ${conditionSql(where, row)}`
}

function groupRowsSql(plan: Extract<ListPlan, { kind: 'groups' }>, row: Row): string {
  return rowsSql(plan, { row, from: 'record r', where: scopeSql(plan, row) })
}

/** The records of the page: the ranges one after the other, cut to offset and limit. */
function pageSql(plan: RecordsList, row: Row): string {
  const ranges = orderRanges(plan)
  const [only, ...more] = ranges as [Range, ...Range[]]
  if (more.length === 0)
    return `select * from (${rangeSql(plan, plan.order, only, row)}) r ${limitSql(plan, row)}`
  const branches = ranges.map((range) => branchSql(plan, range, row)).join(' union all ')
  return `select * from (${branches}) r order by ${orderBySql(plan.order, row)} ${limitSql(plan, row)}`
}

/**
 * One range in the list's order. Its limit is a constant of the server wherever it can be: with a parameter the planner
 * assumes a tenth of the entity and gives up walking the index.
 */
function rangeSql(plan: RecordsList, order: readonly OrderKey[], range: Range, row: Row): string {
  const where = [scopeSql(plan, row), ...range(row)].join(' and ')
  const limit = plan.offset === 0 ? plan.maxLimit + 1 : row.bind(plan.offset + pageSize(plan), 'bigint')
  return `select r.* from record r where ${where} order by ${orderBySql(order, row)} limit ${limit}`
}

/** One of several ranges: it has either no nulls in the first key or nothing else. */
function branchSql(plan: RecordsList, range: Range, row: Row): string {
  const [first, ...rest] = plan.order as [OrderKey, ...OrderKey[]]
  const branch = rangeSql(plan, [{ ...first, nullsFirst: first.descending }, ...rest], range, row)
  return `(select * from (${branch}) r limit ${row.bind(plan.offset + pageSize(plan), 'bigint')})`
}

function limitSql(plan: Paging, row: Row): string {
  const limit = `limit ${row.bind(pageSize(plan), 'bigint')}`
  return plan.offset === 0 ? limit : `${limit} offset ${row.bind(plan.offset, 'bigint')}`
}

function pageSize({ limit }: Paging): number {
  return limit === 0 ? 0 : limit + 1
}

function toStatement(text: string, row: Row): Statement {
  return { text, values: row.params.values }
}
