// SQL: a column as an operand of a comparison. Fields are compared by their sort keys, as text in collation "C", with the
// same result from an index slot, from `keys` and from the data.
import type { KeyInSql } from '../../fields/field-type.ts'
import type { FieldColumn, JsonColumn, Operand, SystemColumn } from '../plan/operand.ts'
import type { Row } from './row.ts'

/** The sort key of an unset field (NULL_KEY), as a constant the planner sees. */
export const NULL_KEY_SQL = "E'\\U0010FFFF'"

/** The expression with which a typed value is compared. */
export function operandSql(operand: Operand, row: Row): string {
  if (operand.kind === 'field') return keySql(operand, row)
  if (operand.kind === 'system') return systemSql(operand, row)
  return operand.sqlType === 'text' ? textSql(operand, row) : jsonSql(operand, row)
}

/** The value of a column that every record has. Of a record that was never changed those of its creation are stored alone. */
export function systemSql({ name }: SystemColumn, { alias }: Row): string {
  if (name === 'updated_at') return `coalesce(${alias}.updated_at, ${alias}.created_at)`
  if (name !== 'updated_by') return `${alias}.${name}`
  return `(case when ${alias}.updated_at is null then ${alias}.created_by else ${alias}.updated_by end)`
}

/** The sort key; where the field is unset NULL_KEY in a slot, else null. */
export function keySql(column: FieldColumn, row: Row): string {
  if (column.slot !== null) return `${row.alias}.k${column.slot}`
  const { keyInSql } = column.type
  if (keyInSql !== undefined) return `(${keyMakers[keyInSql](textSql(column, row))} collate "C")`
  return `((${row.alias}.keys->>${row.bind(column.field.key, 'text')}) collate "C")`
}

/** The sort key, null where the field is unset. */
export function setKeySql(column: FieldColumn, row: Row): string {
  const key = keySql(column, row)
  return column.slot === null ? key : `nullif(${key}, ${NULL_KEY_SQL})`
}

/** The sort key of a stored value, made of its text. */
const keyMakers: Record<KeyInSql, (text: string) => string> = {
  text: (text) => text,
  moment: (text) => `rtrim(${text}, 'Z')`,
  boolean: (text) => `case ${text} when 'true' then '1' when 'false' then '0' end`,
}

/** The value as JSON, null where it is unset. */
export function jsonSql(column: FieldColumn | JsonColumn, row: Row): string {
  return column.kind === 'field'
    ? `(${row.alias}.data->${row.bind(column.field.key, 'text')})`
    : `(${row.alias}.data #> ${pathSql(column, row)})`
}

/** The value as the text it holds, null where it is unset. */
export function textSql(column: FieldColumn | JsonColumn, row: Row): string {
  return column.kind === 'field'
    ? `((${row.alias}.data->>${row.bind(column.field.key, 'text')}) collate "C")`
    : `((${row.alias}.data #>> ${pathSql(column, row)}) collate "C")`
}

function pathSql({ column, path }: JsonColumn, row: Row): string {
  return row.bind([column.field.key, ...path.map(String)], 'text[]')
}
