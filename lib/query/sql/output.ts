// SQL: one output of a record as JSON text. Names are values, so the text depends only on the kinds of the outputs.
import type { Operand } from '../plan/column.ts'
import { jsonSql, textSql } from './operand.ts'
import type { Row } from './row.ts'
import { timestampSql } from './timestamp.ts'

/** The JSON text of a column's value, `null` where it is unset. */
export function columnJsonSql(column: Operand, row: Row): string {
  if (column.kind !== 'system') {
    const json = column.kind === 'json' && column.sqlType === 'text'
    return `coalesce(${json ? `to_json(${textSql(column, row)})` : jsonSql(column, row)}::text, 'null')`
  }
  const name = `${row.alias}.${column.name}`
  if (column.sqlType === 'timestamptz') return `('"' || ${timestampSql(name)} || '"')`
  return column.name === 'id'
    ? `('"' || ${name}::text || '"')`
    : `coalesce('"' || ${name}::text || '"', 'null')`
}

/** As a balanced tree: a chain would copy its left side once more for every part. */
export function concatenate(parts: readonly string[]): string {
  if (parts.length <= 8) return parts.join(' || ')
  const middle = parts.length >> 1
  return `(${concatenate(parts.slice(0, middle))}) || (${concatenate(parts.slice(middle))})`
}
