// One stored record under a changed definition: its data in the stored form of the new one, or why it does not fit.
// Comes in: data as stored (by key). Goes out: the whole new data, from which derive.ts makes the columns.
import { isDeepStrictEqual } from 'node:util'
import type { Violation } from '../../errors/problem.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { trimmed, trims } from '../../fields/trim.ts'
import { below, violation } from '../../fields/violation.ts'
import { createValidator, type Validate } from '../../validation/ajv.ts'
import type { RecordRewrite } from './revise.ts'

type Data = Readonly<Record<string, unknown>>

export interface Conversion {
  data: Data
  violations: Violation[]
  /** Names of the fields whose values have lost white space. */
  trimmed: string[]
}

export type Converter = (data: Data) => Conversion

interface FieldCheck {
  field: Field
  validate: Validate
  /** For a record without a value. */
  default: unknown
}

/** A converter for the fields that a revision says must be looked at. */
export function createConverter({ fields, backfill }: Pick<RecordRewrite, 'fields' | 'backfill'>): Converter {
  const validator = createValidator()
  const checks = fields.map(
    (field): FieldCheck => ({
      field,
      default: field.required || backfill.has(field.key) ? field.default : undefined,
      validate: validator.compile(typeOf(field.type).jsonSchema(field)),
    }),
  )
  const trimming = fields.filter(trims)
  return (data) => {
    const converted: Record<string, unknown> = { ...data }
    const violations = checks.flatMap((check) => convertField(check, converted))
    const trimmed = trimming.filter((field) => losesSpace(field, data[field.key]))
    return { data: converted, violations, trimmed: trimmed.map(({ name }) => name) }
  }
}

function losesSpace(field: Field, value: unknown): boolean {
  return value !== undefined && !isDeepStrictEqual(trimmed(field, value), value)
}

/** Puts the field's new stored form into the data. */
function convertField(check: FieldCheck, data: Record<string, unknown>): Violation[] {
  const { field, validate } = check
  const value = trimmed(field, data[field.key] ?? check.default)
  if (value === undefined) {
    return field.required ? below(field.name, [violation('required', 'is required')]) : []
  }
  const type = typeOf(field.type)
  const misfits = validate(value)
  const found = misfits.length > 0 ? misfits : (type.verify?.(value, field) ?? [])
  if (found.length === 0) data[field.key] = type.normalize?.(value, field) ?? value
  return below(field.name, found)
}
