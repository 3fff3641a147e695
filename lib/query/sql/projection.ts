// SQL: the JSON text of a record, pieced together in the database for a list of outputs. Names are values, so the text
// depends only on the number and kinds of the outputs. Nothing here is ever parsed in Node.

import type { Parameters } from '../../postgres/parameters.ts'
import type { Output } from '../plan/select.ts'
import { bind } from './bind.ts'

/**
 * Renders the SQL expression whose value is one record's finished JSON text.
 *
 * @param alias the record table's name or alias in the statement around it
 */
export function projection(outputs: readonly Output[], params: Parameters, alias = 'r'): string {
  if (outputs.length === 0) return "'{}'"
  const parts = outputs.flatMap((output, at) => {
    const before = `${at === 0 ? '{' : ','}${JSON.stringify(output.name)}:`
    return [bind(params, before, 'text'), outputSql(output, params, alias)]
  })
  return `${concatenate(parts)} || '}'`
}

function outputSql({ column }: Output, params: Parameters, alias: string): string {
  if (column.kind === 'field')
    return `coalesce((${alias}.data->${bind(params, column.field.key, 'text')})::text, 'null')`
  if (column.sqlType === 'timestamptz') return `('"' || ${timestampSql(`${alias}.${column.name}`)} || '"')`
  if (column.name === 'id') return `('"' || ${alias}.id::text || '"')`
  return `coalesce('"' || ${alias}.${column.name}::text || '"', 'null')`
}

/** ISO 8601 in UTC with `Z`, whatever the session's settings; up to microseconds, no trailing zeros. */
export function timestampSql(column: string): string {
  return `(btrim(to_json(${column} at time zone 'UTC')::text, '"') || 'Z')`
}

/** As a balanced tree: a chain would copy its left side once more for every part. */
function concatenate(parts: readonly string[]): string {
  if (parts.length <= 8) return parts.join(' || ')
  const middle = parts.length >> 1
  return `(${concatenate(parts.slice(0, middle))}) || (${concatenate(parts.slice(middle))})`
}
