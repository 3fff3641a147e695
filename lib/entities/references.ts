// The entities that the relation and file fields of an entity point to.

import type { Field } from '../fields/field.ts'
import { typeOf } from '../fields/index.ts'
import type { Entity } from './entity.ts'

/** True when a field of the entity, at any depth, may hold ids of the entity of that name. */
export function refersTo(entity: Entity, name: string): boolean {
  return targetsOf(entity).includes(name)
}

/** Names of the entities that the relation fields of this one, at any depth, point to. */
export function targetsOf(entity: Pick<Entity, 'fields' | 'pending'>): string[] {
  const targets = linking(entity).flatMap((field) => typeOf(field.type).targets?.(field) ?? [])
  return [...new Set(targets.filter((name) => name !== null))]
}

/** The fields that records are written with: also those that are being prepared. */
function linking({ fields, pending }: Pick<Entity, 'fields' | 'pending'>): Field[] {
  return pending === undefined ? fields : [...fields, ...pending.fields.map(({ to }) => to)]
}

/** True when a field of the entity, at any depth, may hold files. */
export function targetsFiles(entity: Pick<Entity, 'fields' | 'pending'>): boolean {
  return linking(entity).some((field) => typeOf(field.type).targets?.(field).includes(null))
}

/** True when records of the entity may have links to files: of a field, or of one that was dropped and is not purged. */
export function mayLinkFiles(entity: Pick<Entity, 'fields' | 'retiredKeys' | 'purgedKeys'>): boolean {
  const { retiredKeys, purgedKeys = [] } = entity
  return targetsFiles(entity) || retiredKeys.some((key) => !purgedKeys.includes(key))
}
