// From a body that has passed its JSON Schema to stored data: names become keys, values their canonical form, and what
// JSON Schema cannot say is verified here.
import type { Violation } from '../errors/problem.ts'
import { typeOf } from '../fields/index.ts'
import type { Entity, Field } from '../schema/entity.ts'

/** Field key -> stored value; null where the body unsets the field. */
export type StoredPatch = Record<string, unknown>

export interface Converted {
  data: StoredPatch
  violations: Violation[]
}

function convert(field: Field, value: unknown, violations: Violation[]): unknown {
  if (value === null) return null
  const type = typeOf(field.type)
  const found = type.verify?.(value, field) ?? []
  if (found.length > 0) {
    violations.push(...found.map((v) => ({ ...v, pointer: `/${field.name}${v.pointer}` })))
    return null
  }
  return type.normalize ? type.normalize(value, field) : value
}

/** The fields that the body names. */
export function storedPatch(entity: Entity, body: object): Converted {
  const violations: Violation[] = []
  const data: StoredPatch = {}
  for (const field of entity.fields) {
    if (!Object.hasOwn(body, field.name)) continue
    data[field.key] = convert(field, (body as Record<string, unknown>)[field.name], violations)
  }
  return { data, violations }
}

/** A whole record: every field that the body leaves out has its default, or is unset. */
export function storedRecord(entity: Entity, body: object): Converted {
  const { data, violations } = storedPatch(entity, body)
  for (const field of entity.fields)
    if (!Object.hasOwn(data, field.key)) data[field.key] = convert(field, field.default ?? null, violations)
  return { data, violations }
}

/** The stored form of a record: unset fields are absent. */
export function withoutNulls(data: StoredPatch): StoredPatch {
  return Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null))
}
