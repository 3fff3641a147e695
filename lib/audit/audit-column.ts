// The columns of the audit log, by the names that queries use: texts, a timestamp, and the details, a JSON object with paths
// into it. Refuses any other name.

import type { Parameters } from '../db/parameters.ts'
import { errors } from '../errors.ts'
import type { FieldPath } from '../query/ast.ts'

export const AUDIT_COLUMNS = ['id', 'created_at', 'actor_id', 'actor', 'action', 'target', 'details'] as const

export type AuditColumn = (typeof AUDIT_COLUMNS)[number]

/** The operand of a condition or an order. */
export interface AuditOperand {
  /** As the query spells it. */
  name: string
  sql: string
  type: 'text' | 'timestamptz' | 'jsonb'
}

/** The column of that name; errors.unknownField. */
export function auditColumn({ name }: FieldPath): AuditColumn {
  const column = AUDIT_COLUMNS.find((known) => known === name)
  if (column === undefined) throw errors.unknownField(name, [...AUDIT_COLUMNS])
  return column
}

/** The operand of a column, or of a path into the details; errors.unknownField, errors.malformedQuery. */
export function auditOperand(field: FieldPath, p: Parameters): AuditOperand {
  const column = auditColumn(field)
  const { path, text } = field
  const name = [column, ...path].join(text ? '->>' : '->')
  if (column === 'created_at' && path.length === 0) return { name, sql: 'a.created_at', type: 'timestamptz' }
  if (column === 'details') {
    if (path.length === 0) return { name, sql: 'a.details', type: 'jsonb' }
    const at = p.add(path.map(String), 'text[]')
    if (!text) return { name, sql: `(a.details #> ${at})`, type: 'jsonb' }
    return { name, sql: `((a.details #>> ${at}) collate "C")`, type: 'text' }
  }
  if (path.length > 0) throw errors.malformedQuery(`${column} is not a JSON column and has no paths.`)
  return { name, sql: `(a.${column}::text collate "C")`, type: 'text' }
}
