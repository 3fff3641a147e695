// SQL: the start of a list, and the pieces in which it is read. If the first order key is an index slot, the records after a
// cursor, and lists with nulls at the other end, are read as consecutive ranges of that index, one UNION ALL branch each.
// Never a row comparison: `(a, b) > (x, y)` is not leakproof, so under row-level security it reads the whole entity.

import type { OrderKey } from '../plan/order.ts'
import type { RecordsList } from '../plan/plan-list.ts'
import { NULL_KEY_SQL } from './operand.ts'
import { orderKeySql, orderType, unsetOf } from './order.ts'
import type { Row } from './row.ts'

/** The conditions of a piece of the list, beside the filter; pieces are in the list's order. */
export type Range = (row: Row) => string[]

export interface Pieces {
  ranges: Range[]
  /** The order inside each piece, which is that of an index where there is one. */
  order: readonly OrderKey[]
}

/** The pieces of a list: one, unless the first order key is an index slot. */
export function orderRanges(list: RecordsList): Pieces {
  const { order, after } = list
  const [first, ...rest] = order as [OrderKey, ...OrderKey[]]
  if (first.column.kind !== 'field' || first.column.slot === null) {
    return { order, ranges: [(row) => afterCursorSql(list, row)] }
  }
  const ranges = after === undefined ? wholeRanges(first) : rangesAfter(order, after)
  // No piece has both set and unset first keys, so that inside it there is no question of which come first.
  return { order: [{ ...first, nullsFirst: first.descending }, ...rest], ranges }
}

/** Whether the list has unset keys at the other end than the index. */
function isSplit({ nullsFirst, descending }: OrderKey): boolean {
  return nullsFirst !== descending
}

const nulls =
  ({ column }: OrderKey): Range =>
  (row) => [`${orderKeySql(column, row)} = ${NULL_KEY_SQL}`]

const values =
  ({ column }: OrderKey): Range =>
  (row) => [`${orderKeySql(column, row)} < ${NULL_KEY_SQL}`]

function wholeRanges(first: OrderKey): Range[] {
  if (isSplit(first)) return first.nullsFirst ? [nulls(first), values(first)] : [values(first), nulls(first)]
  // Says nothing new about a filled slot, but only so the planner may use its partial index.
  return [(row) => [`${orderKeySql(first.column, row)} is not null`]]
}

function rangesAfter(order: readonly OrderKey[], after: readonly string[]): Range[] {
  const [first, ...rest] = order as [OrderKey, ...OrderKey[]]
  const [key, ...others] = after as [string, ...string[]]
  const compared = (row: Row, by: string) =>
    `${orderKeySql(first.column, row)} ${by} ${row.bind(key, 'text')}`
  const ties: Range = (row) => [compared(row, '='), afterSql(rest, others, row)]
  const beyond: Range = (row) => [compared(row, first.descending ? '<' : '>')]
  if (!isSplit(first)) return [ties, beyond]
  if (key === unsetOf(first.column)?.text) return first.nullsFirst ? [ties, values(first)] : [ties]
  const inside: Range = (row) => [...beyond(row), ...values(first)(row)]
  return first.nullsFirst ? [ties, inside] : [ties, inside, nulls(first)]
}

/** The condition that a record comes after the list's cursor, if it has one, whatever index finds it. */
export function afterCursorSql({ order, after }: RecordsList, row: Row): string[] {
  return after === undefined ? [] : [afterSql(order, after, row)]
}

/** Whether a record comes after the cursor: greater in the first key, or equal in it and after in the others. */
function afterSql(order: readonly OrderKey[], after: readonly string[], row: Row): string {
  const [key, ...rest] = order as [OrderKey, ...OrderKey[]]
  const [value, ...others] = after as [string, ...string[]]
  const beyond = beyondSql(key, value, row)
  if (rest.length === 0) return beyond
  const equal = `${orderKeySql(key.column, row)} = ${row.bind(value, orderType(key.column))}`
  return `(${beyond} or (${equal} and ${afterSql(rest, others, row)}))`
}

function beyondSql({ column, descending, nullsFirst }: OrderKey, value: string, row: Row): string {
  const key = () => orderKeySql(column, row)
  const strict = () => `${key()} ${descending ? '<' : '>'} ${row.bind(value, orderType(column))}`
  const unset = unsetOf(column)
  if (unset === undefined || nullsFirst === descending) return strict()
  if (value === unset.text) return nullsFirst ? `${key()} < ${unset.sql}` : 'false'
  return nullsFirst ? `(${strict()} and ${key()} < ${unset.sql})` : `(${strict()} or ${key()} = ${unset.sql})`
}
