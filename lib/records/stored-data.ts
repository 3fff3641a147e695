// Converts a body to stored data: names become keys and values their canonical form. Verifies what JSON Schema cannot
// express; fields that the schema has refused already are passed over, so that every violation is reported at once.

import type { Entity } from '../entities/entity.ts'
import type { Violation } from '../errors/problem.ts'
import type { Field } from '../fields/field.ts'
import { typeOf } from '../fields/index.ts'
import { findUnstorable } from '../fields/unstorable.ts'
import { below, escapeToken } from '../fields/violation.ts'

/** Field key -> stored value; null where the body unsets the field. */
export type StoredPatch = Record<string, unknown>

export interface Converted {
  data: StoredPatch
  violations: Violation[]
}

/** The fields that the body names; `refused` are the violations of its JSON Schema. */
export function patchFromBody(entity: Entity, body: unknown, refused: readonly Violation[] = []): Converted {
  return convertAll(entity, body, refused, () => undefined)
}

/** A whole record: every field that the body leaves out has its default, or is unset. */
export function recordFromBody(entity: Entity, body: unknown, refused: readonly Violation[] = []): Converted {
  return convertAll(entity, body, refused, (field) => field.default ?? null)
}

/** A new record; the fields that are not `settable` by the caller have their defaults. */
export function newRecord(
  entity: Entity,
  settable: Entity,
  body: unknown,
  refused: readonly Violation[] = [],
): Converted {
  const { data, violations } = recordFromBody(settable, body, refused)
  if (settable === entity) return { data, violations }
  const given = new Set(settable.fields.map(({ key }) => key))
  const fields = entity.fields.filter(({ key }) => !given.has(key))
  return { data: { ...recordFromBody({ ...entity, fields }, {}).data, ...data }, violations }
}

/** Rewords violations by unknown fields where the caller can see the field and may not write it. */
export function withReadOnly(visible: Entity, refused: readonly Violation[]): readonly Violation[] {
  if (!refused.some(isUnknown)) return refused
  const pointers = new Set(visible.fields.map(({ name }) => `/${name}`))
  return refused.map((violation) =>
    isUnknown(violation) && pointers.has(violation.pointer)
      ? { ...violation, keyword: 'readOnly', message: 'is not yours to write' }
      : violation,
  )
}

const isUnknown = ({ keyword }: Violation) => keyword === 'additionalProperties'

/** The stored form of a record: unset fields are absent. */
export function withoutNulls(data: StoredPatch): StoredPatch {
  const set: StoredPatch = {}
  for (const key of Object.keys(data)) if (data[key] !== null) set[key] = data[key]
  return set
}

function convertAll(
  entity: Entity,
  body: unknown,
  refused: readonly Violation[],
  fill: (field: Field) => unknown,
): Converted {
  const violations = [...refused]
  const data: StoredPatch = {}
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return { data, violations }
  const done = refused.length === 0 ? undefined : refusedNames(refused)
  for (const field of entity.fields) {
    if (done?.has(escapeToken(field.name))) continue
    const value = Object.hasOwn(body, field.name) ? (body as StoredPatch)[field.name] : fill(field)
    if (value !== undefined) data[field.key] = convert(field, value, violations)
  }
  return { data, violations }
}

/** The first tokens of the pointers. */
function refusedNames(refused: readonly Violation[]): ReadonlySet<string> {
  return new Set(refused.map(({ pointer }) => pointer.split('/', 2)[1] ?? ''))
}

function convert(field: Field, value: unknown, violations: Violation[]): unknown {
  if (value === null) return null
  const type = typeOf(field.type)
  const unstorable = findUnstorable(value)
  const found = unstorable.length > 0 ? unstorable : (type.verify?.(value, field) ?? [])
  if (found.length === 0) return type.normalize ? type.normalize(value, field) : value
  for (const violation of below(field.name, found)) violations.push(violation)
  return null
}
