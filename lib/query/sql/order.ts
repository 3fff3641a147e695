// SQL: the keys of an order, as expressions that are never null and sort as their column does, with unset values greatest.

import type { Operand } from '../plan/operand.ts'
import type { OrderKey, RelatedColumn } from '../plan/order.ts'
import { conditionSql } from './condition.ts'
import { jsonSql, keySql, NULL_KEY_SQL, setKeySql, systemSql, textSql } from './operand.ts'
import { relatedSource } from './relation.ts'
import type { Row, SqlType } from './row.ts'
import { timestampSql } from './timestamp.ts'

type Column = OrderKey['column']

/** The value of an unset key, as SQL and as text in a cursor. */
export interface Unset {
  sql: string
  text: string
}

const unsetText: Unset = { sql: NULL_KEY_SQL, text: '\u{10FFFF}' }

/** Greater than every list; the keys of set values are lists of one element. */
const unsetJson: Unset = { sql: "'{}'::jsonb", text: '{}' }

/** The type that a column's order key is compared as. */
export function orderType(column: Column): SqlType {
  if (column.kind === 'related' && column.column === null) return 'bigint'
  if (column.kind === 'json') return column.sqlType
  return column.kind === 'system' && !column.name.endsWith('_by') ? column.sqlType : 'text'
}

export function unsetOf(column: Column): Unset | undefined {
  const type = orderType(column)
  if (type === 'jsonb') return unsetJson
  return type === 'text' ? unsetText : undefined
}

/** The order key of the record. */
export function orderKeySql(column: Column, row: Row): string {
  if (column.kind === 'related' && column.column === null) return countSql(column, row)
  if (column.kind === 'related') return `coalesce(${relatedKeySql(column, row)}, ${NULL_KEY_SQL})`
  if (column.kind === 'system' && orderType(column) !== 'text') return systemSql(column, row)
  if (column.kind === 'json' && column.sqlType === 'jsonb') {
    const json = jsonSql(column, row)
    return `(case when ${json} is null then ${unsetJson.sql} else jsonb_build_array(${json}) end)`
  }
  if (column.kind === 'field' && column.slot !== null) return keySql(column, row)
  return `coalesce(${textKeySql(column, row)}, ${NULL_KEY_SQL})`
}

/** A text that sorts as the column does; null where it is unset. */
function textKeySql(column: Operand, row: Row): string {
  if (column.kind === 'field') return setKeySql(column, row)
  if (column.kind === 'json') return textSql(column, row)
  const value = systemSql(column, row)
  return column.sqlType === 'uuid'
    ? `(${value}::text collate "C")`
    : `(to_char(${value} at time zone 'UTC', 'YYYYMMDDHH24MISSUS') collate "C")`
}

/** As a subquery, so that there is one key for any kind of relation. */
function relatedKeySql({ related, column }: RelatedColumn, row: Row): string {
  if (column === null) return NULL_KEY_SQL
  const { target, from, where } = relatedSource(related.relation, row)
  const met = [...where, conditionSql(related.where, target)].join(' and ')
  return `(select ${textKeySql(column, target)} from ${from} where ${met} limit 1)`
}

function countSql({ related }: RelatedColumn, row: Row): string {
  const { relation, where, throughWhere } = related
  const through = throughWhere && ((middle: Row) => conditionSql(throughWhere, middle))
  const source = relatedSource(relation, row, through)
  const met = [...source.where, conditionSql(where, source.target)].join(' and ')
  return `(select count(*) from ${source.from} where ${met})`
}

/** The terms of `order by`. */
export function orderBySql(order: readonly OrderKey[], row: Row): string {
  return order
    .map((key) => sortedSql(() => orderKeySql(key.column, row), key, unsetOf(key.column)))
    .join(', ')
}

/** Unset is greatest; if it belongs at the other end, a term in front orders the two halves. */
export function sortedSql(
  key: () => string,
  { descending, nullsFirst }: Pick<OrderKey, 'descending' | 'nullsFirst'>,
  unset: Unset | undefined,
): string {
  const sorted = `${key()} ${descending ? 'desc' : 'asc'}`
  if (unset === undefined || nullsFirst === descending) return sorted
  return `(${key()} = ${unset.sql}) ${nullsFirst ? 'desc' : 'asc'}, ${sorted}`
}

/** The order keys as the texts that a cursor carries; a timestamp exactly as filters and answers have it. */
export function cursorKeySql({ column }: OrderKey, row: Row): string {
  const key = orderKeySql(column, row)
  const type = orderType(column)
  if (type === 'timestamptz') return timestampSql(key)
  return type === 'text' ? key : `${key}::text`
}
