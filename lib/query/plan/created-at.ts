// Plan: narrows a comparison of created_at to a range of ids, since an id begins with the time of creation: the primary key
// then finds the records.

import { firstIdAt } from '../../entities/record-id.ts'
import type { Condition } from './condition.ts'
import type { Operand } from './operand.ts'
import { idColumn } from './system-columns.ts'

type Compare = Extract<Condition, { kind: 'compare' }>

/** Whether the column is the time that the id begins with. */
export const isCreatedAt = (column: Operand | { kind: 'related' }) =>
  column.kind === 'system' && column.name === 'created_at' && column.apartFromId !== true

/** Adds the range of ids to a comparison of created_at. */
export function withIdRange(compare: Compare): Condition {
  const { column, comparison, value } = compare
  if (!isCreatedAt(column) || comparison === '<>') return compare
  const millisecond = Math.floor(Date.parse(value))
  const from: Condition = idCompare('>=', millisecond)
  const to: Condition = idCompare('<', millisecond + 1)
  if (comparison === '=') return { kind: 'all', of: [compare, from, to] }
  return { kind: 'all', of: [compare, comparison.startsWith('>') ? from : to] }
}

function idCompare(comparison: '>=' | '<', milliseconds: number): Condition {
  return { kind: 'compare', column: idColumn, comparison, value: firstIdAt(milliseconds) }
}
