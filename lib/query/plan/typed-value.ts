// Plan: the text of a filter -> what the column is compared with: a sort key, or the text of a uuid or timestamp.
// Refuses a text that is no value of the column's type, so that the database never meets one.
import { errors } from '../../errors.ts'
import type { FieldType } from '../../fields/field-type.ts'
import { typeOf } from '../../fields/index.ts'
import { isCut } from '../../fields/text-key.ts'
import type { Field } from '../../schema/entity.ts'
import { type Column, columnName, type FieldColumn, type SystemColumn } from './column.ts'

export interface TypedValue {
  value: string
  /** The whole text, when the sort key holds only its beginning. */
  long?: string
}

const systemTypes = { uuid: typeOf('uuid'), timestamptz: typeOf('datetime') }
const noField: Field = { name: '', key: '', type: '' }

/** The canonical text of a system column's value; undefined when the text is none. */
export function parseSystemValue({ sqlType }: SystemColumn, text: string): string | undefined {
  return systemTypes[sqlType].parse?.(text, noField) as string | undefined
}

/** Types one value of a comparison. */
export function typeValue(column: Column, text: string): TypedValue {
  if (column.kind === 'field') return typeFieldValue(column, text)
  const value = parseSystemValue(column, text)
  if (value !== undefined) return { value }
  throw invalid(column, text, systemTypes[column.sqlType])
}

function typeFieldValue(column: FieldColumn, text: string): TypedValue {
  const { field, type } = column
  const stored = type.parse?.(text, field)
  const key = stored === undefined ? null : (type.sortKey?.(stored, field) ?? null)
  if (key === null) throw invalid(column, text, type)
  return isCut(key) ? { value: key, long: String(stored) } : { value: key }
}

function invalid(column: Column, text: string, { format, name }: FieldType) {
  const expected = `it takes ${format?.expects ?? `a value of type ${name}`}`
  return errors.invalidValue(columnName(column), text.slice(0, 80), expected)
}
