// SQL: one output of a record as JSON text. Names are values, so the text depends only on the kinds of the outputs.
import type { Operand } from '../plan/operand.ts'
import { jsonSql, systemSql, textSql } from './operand.ts'
import type { Row } from './row.ts'

/** A piece of text that is made in the statement: known beforehand, or an expression that is never null. */
export type Piece = { known: string } | { sql: string }

/** The JSON text of a column's value, `null` where it is unset. */
export function columnPieces(column: Operand, row: Row): Piece[] {
  if (column.kind !== 'system') {
    const json = column.kind === 'json' && column.sqlType === 'text'
    return [
      { sql: `coalesce(${json ? `to_json(${textSql(column, row)})` : jsonSql(column, row)}::text, 'null')` },
    ]
  }
  const name = systemSql(column, row)
  if (column.sqlType === 'timestamptz') return quotedTimestamp(name)
  return column.name === 'id'
    ? [{ known: '"' }, { sql: `${name}::text` }, { known: '"' }]
    : [{ sql: `coalesce('"' || ${name}::text || '"', 'null')` }]
}

/** ISO 8601 in UTC with `Z`, as `timestampSql`; PostgreSQL's own JSON of it has the first quote. */
function quotedTimestamp(name: string): Piece[] {
  return [{ sql: `rtrim(to_json(${name} at time zone 'UTC')::text, '"')` }, { known: 'Z"' }]
}

/** The expression that puts the pieces together; what is known travels as parameters. */
export function piecesSql(pieces: readonly Piece[], row: Row): string {
  const parts: string[] = []
  let known = ''
  const flush = () => {
    if (known !== '') parts.push(row.bind(known, 'text'))
    known = ''
  }
  for (const piece of pieces) {
    if ('known' in piece) known += piece.known
    else {
      flush()
      parts.push(piece.sql)
    }
  }
  flush()
  return parts.length === 0 ? "''" : concatenate(parts)
}

/** As a balanced tree: a chain would copy its left side once more for every part. */
function concatenate(parts: readonly string[]): string {
  if (parts.length <= 8) return parts.join(' || ')
  const middle = parts.length >> 1
  return `(${concatenate(parts.slice(0, middle))}) || (${concatenate(parts.slice(middle))})`
}
