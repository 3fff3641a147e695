// SQL: where a list begins and in which pieces it is read. The first order key may be an index slot: then what follows a
// cursor, or has its nulls on the other side, is read as consecutive ranges of that index, one UNION ALL branch each.
// Never a row comparison: `(a, b) > (x, y)` is not leakproof, so under row-level security it reads the whole entity.

import { NULL_KEY } from '../../fields/text-key.ts'
import type { Parameters } from '../../postgres/parameters.ts'
import type { OrderKey } from '../plan/order.ts'
import type { ListPlan } from '../plan/plan-list.ts'
import { bind } from './bind.ts'
import { NULL_KEY_SQL, orderOperand } from './operand.ts'

/** A piece of the list, as conditions beside the filter; the pieces follow one another in the list's order. */
export type Range = (params: Parameters) => string[]

/** The pieces of a list: one, unless the first order key is an index slot. */
export function orderRanges({ order, after }: ListPlan): Range[] {
  const first = order[0] as OrderKey
  if (first.column.kind !== 'field' || first.column.slot === null) {
    return [after === undefined ? () => [] : (params) => [afterSql(order, after, params)]]
  }
  return slotRanges(order, `r.k${first.column.slot}`, after)
}

function slotRanges(order: OrderKey[], slot: string, after: string[] | undefined): Range[] {
  const [first, ...rest] = order as [OrderKey, ...OrderKey[]]
  const nulls: Range = () => [`${slot} = ${NULL_KEY_SQL}`]
  const values: Range = () => [`${slot} < ${NULL_KEY_SQL}`]
  const split = first.nullsFirst !== first.descending
  if (after === undefined) {
    if (!split) return [() => [`${slot} is not null`]]
    return first.nullsFirst ? [nulls, values] : [values, nulls]
  }
  const [key, ...others] = after as [string, ...string[]]
  const ties: Range = (params) => [`${slot} = ${bind(params, key, 'text')}`, afterSql(rest, others, params)]
  const beyond: Range = (params) => [`${slot} ${first.descending ? '<' : '>'} ${bind(params, key, 'text')}`]
  if (!split) return [ties, beyond]
  if (key === NULL_KEY) return first.nullsFirst ? [ties, values] : [ties]
  const inside: Range = (params) => [...beyond(params), ...values(params)]
  return first.nullsFirst ? [ties, inside] : [ties, inside, nulls]
}

/** Whether a record comes after the cursor: greater in the first key, or equal in it and after in the others. */
function afterSql(order: readonly OrderKey[], after: readonly string[], params: Parameters): string {
  const [key, ...rest] = order as [OrderKey, ...OrderKey[]]
  const [value, ...others] = after as [string, ...string[]]
  const beyond = beyondSql(key, value, params)
  if (rest.length === 0) return beyond
  const equal = `${orderOperand(key.column, params)} = ${paramFor(key, value, params)}`
  return `(${beyond} or (${equal} and ${afterSql(rest, others, params)}))`
}

function beyondSql(key: OrderKey, value: string, params: Parameters): string {
  const operand = () => orderOperand(key.column, params)
  const strict = () => `${operand()} ${key.descending ? '<' : '>'} ${paramFor(key, value, params)}`
  if (key.nullsFirst === key.descending || !isNullable(key)) return strict()
  if (value === NULL_KEY) return key.nullsFirst ? `${operand()} < ${NULL_KEY_SQL}` : 'false'
  return key.nullsFirst
    ? `(${strict()} and ${operand()} < ${NULL_KEY_SQL})`
    : `(${strict()} or ${operand()} = ${NULL_KEY_SQL})`
}

function paramFor({ column }: OrderKey, value: string, params: Parameters): string {
  return bind(params, value, column.kind === 'system' && !isNullable({ column }) ? column.sqlType : 'text')
}

export function isNullable({ column }: Pick<OrderKey, 'column'>): boolean {
  return column.kind === 'field' || column.name.endsWith('_by')
}
