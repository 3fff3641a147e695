// Plan: types the text of a filter by its operand: a sort key, JSON, or the text of a uuid or timestamp. Refuses a text that
// is not a value of the operand's type, so that the database receives valid values only.

import { errors } from '../../errors.ts'
import { listed } from '../../fields/expectation.ts'
import type { Field } from '../../fields/field.ts'
import type { FieldType } from '../../fields/field-type.ts'
import { isTextual, typeOf } from '../../fields/index.ts'
import { parseDocument } from '../../fields/parse-document.ts'
import { relativeMoment } from '../../fields/relative-moment.ts'
import { isCut } from '../../fields/text-key.ts'
import { columnName } from './column.ts'
import type { FieldColumn, JsonColumn, Operand, SystemColumn } from './operand.ts'

export interface TypedValue {
  value: string
  /** The whole text, if the sort key is cut. */
  long?: string
  /** The sort key that records of an earlier version have, where it may differ. */
  former?: string
}

const systemTypes = { uuid: typeOf('uuid'), timestamptz: typeOf('datetime') }

const noField: Field = { name: '', key: '', type: '' }

/** The canonical text of a system column's value; undefined when the text is none. */
export function parseSystemValue({ sqlType }: SystemColumn, text: string): string | undefined {
  return systemTypes[sqlType].parse?.(text.trim(), noField) as string | undefined
}

/** Types one value of a comparison. */
export function typeValue(operand: Operand, text: string): TypedValue {
  if (operand.kind === 'field') return typeFieldValue(operand, text)
  if (operand.kind === 'json') return { value: typeJsonValue(operand, text) }
  const value = parseSystemValue(operand, momentOf(systemTypes[operand.sqlType], text))
  if (value === undefined) throw invalidValue(operand, text, expectedOf(systemTypes[operand.sqlType]))
  return { value }
}

export function invalidValue(operand: Operand, text: string, expected: string) {
  return errors.invalidValue(columnName(operand), text.slice(0, 80), `it takes ${expected}`, nullHint(text))
}

/** How null is asked for, where the text is the word for it. */
export function nullHint(text: string): string | undefined {
  if (!/^\s*null\s*$/i.test(text)) return undefined
  return 'Null is found by is.null, and whatever is not null by not.is.null'
}

/** A moment that is relative to the present, as one of the type; any other text as it is. */
export function momentOf({ name }: FieldType, text: string): string {
  if (name !== 'date' && name !== 'datetime') return text
  const moment = relativeMoment(text)
  return (name === 'date' ? moment?.slice(0, 10) : moment) ?? text
}

function expectedOf({ format, name }: FieldType): string {
  const expected = format?.expects ?? `a value of type ${name}`
  if (name === 'date') return `${expected}, or one such as today-7d`
  return name === 'datetime' ? `${expected}, or one such as now-7d` : expected
}

/** A description of the values of the field. */
export function expectedFrom(type: FieldType, field: Field): string {
  const { format, enum: values } = type.jsonSchema(field) as { format?: string; enum?: string[] }
  if (values !== undefined) return `one of ${listed(values)}`
  if (type.name === 'integer') return 'a whole number within ±(2^53-1), ±9007199254740991'
  return format === 'uuid' ? expectedOf(systemTypes.uuid) : expectedOf(type)
}

function typeFieldValue(column: FieldColumn, text: string): TypedValue {
  const { field, type } = column
  // As in PostgreSQL, spaces around a value are significant in texts only.
  const stored = type.parse?.(isTextual(field) ? text : momentOf(type, text).trim(), field)
  const key = stored === undefined ? null : (type.sortKey?.(stored, field) ?? null)
  if (key === null) throw invalidValue(column, text, expectedFrom(type, field))
  const former = column.formerKeys ? type.formerKey?.(stored) : undefined
  const typed = isCut(key) ? { value: key, long: String(stored) } : { value: key }
  return former === undefined ? typed : { ...typed, former }
}

function typeJsonValue(column: JsonColumn, text: string): string {
  if (column.sqlType === 'text') return text
  const value = parseDocument(text)
  if (column.integer && !Number.isSafeInteger(value)) throw invalidValue(column, text, 'a whole number')
  if (value === undefined) throw invalidValue(column, text, 'JSON after ->; to compare texts use ->>')
  return JSON.stringify(value)
}
