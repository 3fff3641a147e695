// SQL: where a list begins and in which pieces it is read. The first order key may be an index slot: then what follows a
// cursor, or has its nulls on the other side, is read as consecutive ranges of that index, one UNION ALL branch each.
// Never a row comparison: `(a, b) > (x, y)` is not leakproof, so under row-level security it reads the whole entity.
import type { OrderKey } from '../plan/order.ts'
import type { RecordsList } from '../plan/plan-list.ts'
import { NULL_KEY_SQL } from './operand.ts'
import { orderKeySql, orderType, unsetOf } from './order.ts'
import type { Row } from './row.ts'

/** A piece of the list: conditions beside the filter. The pieces follow one another in the list's order. */
export type Range = (row: Row) => string[]

/** The pieces of a list: one, unless the first order key is an index slot. */
export function orderRanges({ order, after }: RecordsList): Range[] {
  const [first] = order
  if (first?.column.kind === 'field' && first.column.slot !== null) return slotRanges(order, after)
  return [after === undefined ? () => [] : (row) => [afterSql(order, after, row)]]
}

function slotRanges(order: readonly OrderKey[], after: readonly string[] | undefined): Range[] {
  const [first, ...rest] = order as [OrderKey, ...OrderKey[]]
  const slot = (row: Row) => orderKeySql(first.column, row)
  const nulls: Range = (row) => [`${slot(row)} = ${NULL_KEY_SQL}`]
  const values: Range = (row) => [`${slot(row)} < ${NULL_KEY_SQL}`]
  const split = first.nullsFirst !== first.descending
  if (after === undefined) {
    // Says nothing new about a filled slot, but only so the planner may use its partial index.
    if (!split) return [(row) => [`${slot(row)} is not null`]]
    return first.nullsFirst ? [nulls, values] : [values, nulls]
  }
  const [key, ...others] = after as [string, ...string[]]
  const ties: Range = (row) => [`${slot(row)} = ${row.bind(key, 'text')}`, afterSql(rest, others, row)]
  const beyond: Range = (row) => [`${slot(row)} ${first.descending ? '<' : '>'} ${row.bind(key, 'text')}`]
  if (!split) return [ties, beyond]
  if (key === unsetOf(first.column)?.text) return first.nullsFirst ? [ties, values] : [ties]
  const inside: Range = (row) => [...beyond(row), ...values(row)]
  return first.nullsFirst ? [ties, inside] : [ties, inside, nulls]
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
