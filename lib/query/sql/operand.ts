// SQL: a column as something to compare or order by. Fields are compared by their sort keys, as text in collation "C",
// with the same answer from an index slot and from `keys`. `r` is the record table throughout.

import type { Parameters } from '../../postgres/parameters.ts'
import type { Column, FieldColumn } from '../plan/column.ts'
import { bind } from './bind.ts'

/** The sort key of an unset field (NULL_KEY), as a constant the planner sees. */
export const NULL_KEY_SQL = "E'\\U0010FFFF'"

/** The sort key: NULL_KEY or SQL null where the field is unset, the former in a slot. */
export function keyOperand(column: FieldColumn, params: Parameters): string {
  return column.slot === null
    ? `((r.keys->>${bind(params, column.field.key, 'text')}) collate "C")`
    : `r.k${column.slot}`
}

/** The stored text itself, for where the key was cut. */
export function textOperand(column: FieldColumn, params: Parameters): string {
  return `((r.data->>${bind(params, column.field.key, 'text')}) collate "C")`
}

/** Something that is never null and orders as the column does, unset last. */
export function orderOperand(column: Column, params: Parameters): string {
  if (column.kind === 'field') {
    const key = keyOperand(column, params)
    return column.slot === null ? `coalesce(${key}, ${NULL_KEY_SQL})` : key
  }
  return column.name.endsWith('_by')
    ? `(coalesce(r.${column.name}::text, ${NULL_KEY_SQL}) collate "C")`
    : `r.${column.name}`
}
