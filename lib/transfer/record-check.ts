// Records of an export: values of the types that their fields have, and the columns derived from them by this version's rules.
// Values of dropped fields stay behind.
import { type Derived, derive, type StoredData } from '../entities/derived-columns.ts'
import type { Entity } from '../entities/entity.ts'
import { IGNORED_BY_READS } from '../entities/read-shape.ts'
import type { Field } from '../fields/field.ts'
import { typeOf } from '../fields/index.ts'
import { createValidator } from '../validation/ajv.ts'
import { isCertainlyValid } from '../validation/fast-check.ts'
import { type Row, refuseRow } from './row-check.ts'

export interface CheckedRecord {
  data: StoredData
  derived: Derived
}

/** Checks the data of records of one entity. */
export type RecordCheck = (row: Row) => CheckedRecord

/** Rules may have become stricter than records are; their types may not. */
const typeAlone = (field: Field) =>
  Object.fromEntries(Object.entries(field).filter(([option]) => !IGNORED_BY_READS.has(option))) as Field

/** The check of an entity's records; it refuses with StartError. */
export function createRecordCheck(entity: Entity): RecordCheck {
  const validator = createValidator()
  const checks = new Map(
    entity.fields.map((field) => {
      const schema = typeOf(field.type).jsonSchema(typeAlone(field))
      let validate: ReturnType<typeof validator.compile> | undefined
      const isValid = (value: unknown) => {
        if (isCertainlyValid(schema, value)) return true
        validate ??= validator.compile(schema)
        return validate(value).length === 0
      }
      return [field.key, isValid]
    }),
  )
  return ({ data, id }) => {
    const values = Object.entries(data as object).filter(([key, value]) => checks.has(key) && value !== null)
    const wrong = values.find(([key, value]) => !checks.get(key)?.(value))
    if (wrong !== undefined)
      refuseRow('record', `(${id}) has no value of its type in ${wrong[0]} of ${entity.name}`)
    const kept: StoredData = Object.fromEntries(values)
    try {
      return { data: kept, derived: derive(entity, kept) }
    } catch {
      return refuseRow('record', `(${id}) of ${entity.name} has values that cannot be stored`)
    }
  }
}

const SHA256 = /^[0-9a-f]{64}$/

const MEDIA_TYPE = /^[\w!#$&^.+-]{1,100}\/[\w!#$&^.+-]{1,100}$/

/** The data of a file's record. */
export function checkFile({ data, id }: Row): StoredData {
  const { filename, content_type, charset, size, sha256 } = data as Record<string, unknown>
  const isFile =
    [filename, content_type].every((text) => typeof text === 'string' && text.length <= 1000) &&
    MEDIA_TYPE.test(content_type as string) &&
    (charset === undefined || (typeof charset === 'string' && /^[\w:.-]{1,40}$/.test(charset))) &&
    Number.isSafeInteger(size) &&
    (size as number) >= 0 &&
    typeof sha256 === 'string' &&
    SHA256.test(sha256)
  if (!isFile) return refuseRow('record', `(${id}) describes no file`)
  return { filename, content_type, ...(charset !== undefined && { charset }), size, sha256 }
}
