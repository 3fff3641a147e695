// The left-hand sides of a condition: a system column, a field, or a path into a JSON value.
import type { SystemField } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import type { FieldType } from '../../fields/field-type.ts'
import type { JsonStep } from '../ast.ts'

/** A column that every record has. */
export interface SystemColumn {
  kind: 'system'
  name: SystemField
  sqlType: 'uuid' | 'timestamptz'
  /** Whether the times of rows and those in their ids differ. */
  apartFromId?: true
}

export interface FieldColumn {
  kind: 'field'
  field: Field
  type: FieldType
  /** Whether the field has sort keys, so that it can be compared and ordered. */
  keyed: boolean
  /** N of kN when the field's index slot is filled. */
  slot: number | null
  /** Whether records may have the key of an earlier version: equality has to look for both. */
  formerKeys?: true
}

/** A place inside a json, object or list field: JSON, or its text after `->>`. */
export interface JsonColumn {
  kind: 'json'
  column: FieldColumn
  path: JsonStep[]
  sqlType: 'text' | 'jsonb'
  /** Whether all values are whole numbers. */
  integer?: true
}

export type Column = SystemColumn | FieldColumn

export type Operand = Column | JsonColumn
