// Derives from a record's stored data the columns that the record table keeps beside it: sort keys, slots and links.
// Pure, and the only place where they are computed, so they always agree with the data.
import { createHash } from 'node:crypto'
import type { Field } from '../fields/field.ts'
import { typeOf } from '../fields/index.ts'
import { NULL_KEY } from '../fields/text-key.ts'
import type { Entity, EntityDefinition, UniqueConstraint } from './entity.ts'

/** Data by field key; an unset field is absent. */
export type StoredData = Readonly<Record<string, unknown>>

export interface Derived {
  /** Field key -> sort key, for every set field whose key is kept there. */
  keys: Record<string, string>
  /** Slot column (k3, u1) -> its text. */
  slots: Record<string, string | null>
  links: { field: string; entity: string | null; ids: string[] }[]
}

/** Bytes up to which the text of a unique slot is stored as it is; a longer one is hashed. */
const MAX_EXACT = 200

function sortKey(field: Field, data: StoredData): string | null {
  const value = data[field.key]
  return value == null ? null : (typeOf(field.type).sortKey?.(value, field) ?? null)
}

/** Whether records have the sort key of a field in `keys`: not where SQL makes it from the data, or a filled slot has it. */
export function keepsKey({ key, type }: Field, slots: EntityDefinition['slots']): boolean {
  if (typeOf(type).keyInSql !== undefined) return false
  const slot = Object.hasOwn(slots, key) ? slots[key] : undefined
  return slot === undefined || !slot.ready || slot.leaving === true
}

/** The text of a value by which a constraint compares it. */
function comparedText(field: Field, value: unknown, ci: boolean): string | null {
  const type = typeOf(field.type)
  const caseless = ci ? type.caselessKey?.(value, field) : undefined
  return caseless ?? type.exactKey?.(value, field) ?? null
}

/**
 * The text of a constraint's values as length-prefixed parts; null when one is unset, as in a SQL UNIQUE, unless the
 * constraint takes unset values as equal.
 */
function uniqueKey(constraint: UniqueConstraint, fields: readonly Field[], data: StoredData): string | null {
  const parts = constraint.keys.map((key) => {
    const field = fields.find((one) => one.key === key)
    const value = data[key]
    return field === undefined || value == null ? null : comparedText(field, value, constraint.ci === true)
  })
  if (constraint.nulls === undefined && parts.some((part) => part === null)) return null
  const text = parts.map((part) => (part === null ? '-' : `${part.length}:${part}`)).join('')
  return Buffer.byteLength(text) <= MAX_EXACT ? text : createHash('sha256').update(text).digest('hex')
}

/** The texts of all constraints, by their slot columns (u1). */
export function uniqueSlots(
  { fields, constraints }: Entity,
  data: StoredData,
): Record<string, string | null> {
  return Object.fromEntries(
    constraints.map((constraint) => [`u${constraint.slot}`, uniqueKey(constraint, fields, data)]),
  )
}

/** Derives the columns of a whole record. */
export function derive(entity: Entity, data: StoredData): Derived {
  const { fields } = entity
  const keys: Record<string, string> = {}
  const slots: Record<string, string | null> = {}
  const links: Derived['links'] = []
  for (const field of fields) {
    const key = sortKey(field, data)
    const slot = Object.hasOwn(entity.slots, field.key) ? entity.slots[field.key] : undefined
    if (slot !== undefined) slots[`k${slot.slot}`] = key ?? NULL_KEY
    if (key !== null && keepsKey(field, entity.slots)) keys[field.key] = key
    const value = data[field.key]
    if (value == null) continue
    for (const { entity: target, ids } of typeOf(field.type).links?.(value, field) ?? [])
      links.push({ field: field.key, entity: target, ids })
  }
  for (const constraint of entity.constraints)
    slots[`u${constraint.slot}`] = uniqueKey(constraint, fields, data)
  return { keys, slots, links }
}
