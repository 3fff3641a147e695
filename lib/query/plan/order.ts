// Plan: the order of a list. It ends with `id`, so that no two records are equal and paging never skips or repeats one.

import { errors } from '../../errors.ts'
import type { OrderTerm } from '../ast.ts'
import { columnName, createdAtApart, findOperand } from './column.ts'
import type { Related } from './condition.ts'
import type { PlanContext } from './context.ts'
import { isCreatedAt } from './created-at.ts'
import type { OrderContext } from './filter.ts'
import type { Operand } from './operand.ts'
import { idColumn } from './system-columns.ts'

/** A field of the one related record, `order=course(name)`, or the number of related records, `order=mark(count)`. */
export interface RelatedColumn {
  kind: 'related'
  name: string
  related: Related
  /** Null: their number. */
  column: Operand | null
}

export interface OrderKey {
  column: Operand | RelatedColumn
  descending: boolean
  nullsFirst: boolean
}

/** The keys of the order, the last of which is `id`. */
export function planOrder(terms: readonly OrderTerm[], context: OrderContext): OrderKey[] {
  const keys: OrderKey[] = []
  for (const term of terms) {
    const key = planTerm(term, context)
    if (!keys.some(({ column }) => orderName(column) === orderName(key.column))) keys.push(key)
    if (key.column === idColumn) return keys
  }
  if (keys.length === 0 && context.entity.orderedByTime === true)
    keys.push({ column: createdAtApart, descending: false, nullsFirst: false })
  const last = keys.at(-1)
  // In the direction of the key before it, so that an index on (key, id) serves it read backwards.
  const descending = last?.descending ?? false
  const id: OrderKey = { column: idColumn, descending, nullsFirst: descending }
  // The id orders as created_at does, and decides where that is equal.
  return last !== undefined && isCreatedAt(last.column) ? [...keys.slice(0, -1), id] : [...keys, id]
}

/** Tells order columns apart, by what is stored and not by what it is called. */
export function orderName(column: OrderKey['column']): string {
  if (column.kind === 'related')
    return JSON.stringify([column.name, column.column === null ? null : orderName(column.column)])
  if (column.kind === 'system') return column.name
  if (column.kind === 'field') return `.${column.field.key}`
  return JSON.stringify([column.column.field.key, column.path, column.sqlType])
}

function planTerm(term: OrderTerm, context: OrderContext): OrderKey {
  const { relation, descending, nulls } = term
  const column = relation === undefined ? findOrdered(term, context) : planRelated(relation, term, context)
  const nullsFirst = nulls === undefined ? descending : nulls === 'first'
  return { column, descending, nullsFirst }
}

function findOrdered({ field }: OrderTerm, context: PlanContext): Operand {
  const column = findOperand(field, context)
  if (column.kind !== 'field' || column.keyed) return column
  throw errors.malformedQuery(
    `order: "${columnName(column)}" has no order (its type is ${column.type.name}).`,
  )
}

function planRelated(name: string, term: OrderTerm, context: OrderContext): RelatedColumn {
  const isCount = term.field.name === 'count' && term.field.path.length === 0
  const related = context.embeds.get(name) ?? (isCount ? context.relatedTo(name) : undefined)
  if (related === undefined) throw errors.notEmbedded(name, [...context.embeds.keys()])
  if (isCount && !related.relation.single) return { kind: 'related', name, related, column: null }
  if (!related.relation.single)
    throw errors.malformedQuery(
      `order: "${name}" may be several records; only the field of one gives an order.`,
      `Write order=${name}(count) to order by their number.`,
    )
  const column = findOrdered(term, { ...context, entity: related.relation.target })
  return { kind: 'related', name, related, column }
}
