// The table of field types. A new type is a file in this folder and a row here.

import { arrayType } from './array.ts'
import { booleanType } from './boolean.ts'
import { dateType } from './date.ts'
import { datetimeType } from './datetime.ts'
import { decimalType } from './decimal.ts'
import { emailType } from './email.ts'
import { enumType } from './enum.ts'
import type { Field } from './field.ts'
import type { FieldType, Format } from './field-type.ts'
import { fileType } from './file.ts'
import { floatType } from './float.ts'
import { integerType } from './integer.ts'
import { jsonType } from './json.ts'
import { objectType } from './object.ts'
import { relationType } from './relation.ts'
import { stringType } from './string.ts'
import { textType } from './text.ts'
import { timeType } from './time.ts'
import { urlType } from './url.ts'
import { uuidType } from './uuid.ts'

/** Every field type, in the order of the docs. */
export const fieldTypes: readonly FieldType[] = [
  stringType,
  textType,
  integerType,
  floatType,
  decimalType,
  booleanType,
  dateType,
  timeType,
  datetimeType,
  emailType,
  urlType,
  uuidType,
  enumType,
  jsonType,
  objectType(typeOf),
  arrayType(typeOf),
  relationType,
  fileType,
]

const byName = new Map(fieldTypes.map((type) => [type.name, type]))

const bySpelling = new Map(
  fieldTypes.flatMap((type) => [type.name, ...type.aliases].map((name) => [name, type])),
)

/** The string formats that JSON Schemas of fields name. */
export const formats: readonly Format[] = fieldTypes.flatMap((type) => type.format ?? [])

/** The type of a stored field, by its canonical name. */
export function typeOf(name: string): FieldType {
  const type = byName.get(name)
  if (type === undefined) throw new Error(`no field type ${name}`)
  return type
}

/** Whether values of the field are texts that anyone may have chosen, rather than numbers, moments or ids. */
export function isTextual(field: Field): boolean {
  return typeOf(field.type).operators(field).includes('like')
}

/** The type that a definition means, by its name or another accepted spelling. */
export function findType(spelling: string): FieldType | undefined {
  return bySpelling.get(spelling)
}
