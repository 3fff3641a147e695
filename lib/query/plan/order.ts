// Plan: the order of a list. `id` always ends it, so that no two records are equal and paging never skips or repeats.
import { errors } from '../../errors.ts'
import type { OrderTerm } from '../ast.ts'
import { type Column, columnName, findColumn, idColumn } from './column.ts'
import type { PlanContext } from './context.ts'

export interface OrderKey {
  column: Column
  descending: boolean
  nullsFirst: boolean
}

/** The keys of the order, the last of which is `id`. */
export function planOrder(terms: readonly OrderTerm[], context: PlanContext): OrderKey[] {
  const keys: OrderKey[] = []
  for (const term of terms) {
    const key = planTerm(term, context)
    if (!keys.some(({ column }) => columnName(column) === columnName(key.column))) keys.push(key)
    if (key.column === idColumn) return keys
  }
  // In the direction of the key before it, so that an index on (key, id) serves it read backwards.
  const descending = keys.at(-1)?.descending ?? false
  return [...keys, { column: idColumn, descending, nullsFirst: descending }]
}

function planTerm({ field, descending, nulls }: OrderTerm, context: PlanContext): OrderKey {
  const column = findColumn(field, context)
  if (column.kind === 'field' && !column.keyed)
    throw errors.malformedQuery(`order: "${field.name}" has no order (its type is ${column.type.name}).`)
  return { column, descending, nullsFirst: nulls === undefined ? descending : nulls === 'first' }
}
