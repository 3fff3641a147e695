// SQL: ListPlan -> the statement of a list, and of its count. Each row holds the record's finished JSON and, for the
// cursor, its order keys. One row more than the page is read, to know whether there is a next page.

import { Parameters } from '../../postgres/parameters.ts'
import type { Statement } from '../../postgres/queryable.ts'
import type { OrderKey } from '../plan/order.ts'
import type { ListPlan, Scope } from '../plan/plan-list.ts'
import { bind } from './bind.ts'
import { conditionSql } from './condition.ts'
import { NULL_KEY_SQL, orderOperand } from './operand.ts'
import { projection, timestampSql } from './projection.ts'
import { isNullable, orderRanges, type Range } from './range.ts'

/** The list's rows: column `record`, then `c1`.. with the order keys, `id` last. */
export function listSql(plan: ListPlan): Statement {
  const params = new Parameters()
  const page = pageSql(plan, params)
  const columns = [`${projection(plan.outputs, params)} as record`, ...cursorColumns(plan.order, params)]
  const text = `select ${columns.join(', ')} from (${page}) r order by ${orderSql(plan.order, params)}`
  return { text, values: params.values }
}

/** The number of records that the filter matches, whatever the page. */
export function countSql(scope: Scope): Statement {
  const params = new Parameters()
  return {
    text: `select count(*) as count from record r where ${scopeSql(scope, params)}`,
    values: params.values,
  }
}

/** The condition that every statement on records begins with: tenant, entity, filter. */
export function scopeSql({ entity, where }: Scope, params: Parameters): string {
  const owner = `r.tenant_id = ${bind(params, entity.tenantId, 'uuid')} and r.entity_id = ${bind(params, entity.id, 'bigint')}`
  return `${owner} and ${conditionSql(where, params)}`
}

/** The records of the page: the ranges one after the other, cut to offset and limit. */
function pageSql(plan: ListPlan, params: Parameters): string {
  const branches = orderRanges(plan).map((range) => branchSql(plan, range, params))
  const [only] = branches
  const all =
    branches.length === 1
      ? `(${only}) r`
      : `(${branches.map((branch) => `(${branch})`).join(' union all ')}) r order by ${orderSql(plan.order, params)}`
  const limit = bind(params, pageSize(plan), 'bigint')
  const offset = plan.offset === 0 ? '' : ` offset ${bind(params, plan.offset, 'bigint')}`
  return `select * from ${all} limit ${limit}${offset}`
}

/**
 * One range in the list's order. Its limit is a constant of the server wherever it can be: with a parameter the planner
 * assumes a tenth of the entity and gives up walking the index.
 */
function branchSql(plan: ListPlan, range: Range, params: Parameters): string {
  const where = [scopeSql(plan, params), ...range(params)].join(' and ')
  const order = orderSql(plan.order, params)
  const limit = plan.offset === 0 ? plan.maxLimit + 1 : bind(params, plan.offset + pageSize(plan), 'bigint')
  return `select r.* from record r where ${where} order by ${order} limit ${limit}`
}

function pageSize({ limit }: ListPlan): number {
  return limit === 0 ? 0 : limit + 1
}

function orderSql(order: readonly OrderKey[], params: Parameters): string {
  return order.map((key) => orderKeySql(key, params)).join(', ')
}

/** An unset field has the greatest key; where nulls belong on the other side, a key in front says which half comes first. */
function orderKeySql(key: OrderKey, params: Parameters): string {
  const sorted = `${orderOperand(key.column, params)} ${key.descending ? 'desc' : 'asc'}`
  if (!isNullable(key) || key.nullsFirst === key.descending) return sorted
  return `(${orderOperand(key.column, params)} = ${NULL_KEY_SQL}) ${key.nullsFirst ? 'desc' : 'asc'}, ${sorted}`
}

/** The order keys as text; a timestamp exactly as filters and answers have it. */
function cursorColumns(order: readonly OrderKey[], params: Parameters): string[] {
  return order.map((key, at) => {
    const operand = orderOperand(key.column, params)
    const system = key.column.kind === 'system' && !isNullable(key) ? key.column.sqlType : undefined
    const text =
      system === 'timestamptz' ? timestampSql(operand) : system === 'uuid' ? `${operand}::text` : operand
    return `${text} as c${at + 1}`
  })
}
