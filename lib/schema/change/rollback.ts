// The way back to a version: its definition by the keys of its fields, so that renamed fields get their names back and
// dropped ones their values, unless they are purged. Pure; the change itself is one like any other, and makes a version of its own.
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import type { Field } from '../../fields/field.ts'
import type { ConvertByField, Otherwise } from '../conversion/convert-options.ts'
import { heir } from '../conversion/rekey.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'
import { uniqueOf } from '../definition/present-definition.ts'
import type { EntityVersion } from '../version-store.ts'

/**
 * The definition of a version, to be put in force again; errors.versionNotFound when it is another entity's.
 *
 * @param target the entity as it was at the version
 * @param otherwise what becomes of values that do not fit; of a required field they refuse, unless it has a default
 */
export function restoredDefinition(current: Entity, target: Entity, otherwise?: Otherwise): ParsedDefinition {
  // Another entity may have taken the name since the version was read.
  if (current.id !== target.id) throw errors.versionNotFound(String(target.version))
  const now = new Map(current.fields.map((field) => [field.key, field]))
  // What a relation points to may have been renamed since.
  const fields = target.fields.map((field): Field => {
    const present = now.get(field.key)
    return present?.entity === undefined ? field : { ...field, entity: present.entity }
  })
  const { name, label, description } = target
  // A purged field comes back as a new one: what is purged of it, and what is not yet, stays under the key that it had. Where
  // its values have taken another form since, that is converted.
  const keys = new Map(
    fields.flatMap(({ name, key }): [string, string][] => {
      if (!current.purgedKeys?.includes(key)) return [[name, key]]
      const holder = heir(current.fields, key)
      return holder === undefined ? [] : [[name, holder.key]]
    }),
  )
  const unique = uniqueOf({ fields, constraints: target.constraints })
  const convert = otherwise === undefined ? {} : { convert: convertAll(fields, otherwise) }
  return { name, label, description, fields, unique, was: new Map(), keys, backfill: new Set(), ...convert }
}

function convertAll(fields: readonly Field[], otherwise: Otherwise): ConvertByField {
  const of = ({ required, default: value }: Field): Otherwise => {
    if (otherwise === 'default') return value === undefined ? 'refuse' : 'default'
    return required ? 'refuse' : otherwise
  }
  return new Map(fields.map((field) => [field.name, { otherwise: of(field) }]))
}

export interface DroppedField {
  key: string
  /** Its last name. */
  name: string
  type: string
  /** ISO 8601, UTC; null: before versions were kept. */
  dropped_at: string | null
  /** The last version that has it. */
  version: number
  /** Whether its values are kept, or purged, or being purged. */
  data: 'kept' | 'purged'
}

/** The fields that earlier versions have and the present one has not, last dropped first. @param versions newest first */
export function droppedFields(current: Entity, versions: readonly EntityVersion[]): DroppedField[] {
  const seen = new Set(current.fields.map(({ key }) => key))
  return versions.flatMap(({ version, definition }, at) =>
    definition.fields.flatMap(({ key, name, type }) => {
      if (seen.has(key)) return []
      seen.add(key)
      const data = current.purgedKeys?.includes(key) ? 'purged' : 'kept'
      return [{ key, name, type, dropped_at: versions[at - 1]?.createdAt ?? null, version, data }]
    }),
  )
}
