// What the relation and file fields of an entity point to.

import { typeOf } from '../fields/index.ts'
import type { Entity } from './entity.ts'

/** Whether a field of the entity, at whatever depth, may hold ids of the other. */
export function refersTo(entity: Entity, name: string): boolean {
  return targetsOf(entity).includes(name)
}

/** Names of the entities that relations of this one, at whatever depth, point to. */
export function targetsOf({ fields }: Pick<Entity, 'fields'>): string[] {
  const targets = fields.flatMap((field) => typeOf(field.type).targets?.(field) ?? [])
  return [...new Set(targets.filter((name) => name !== null))]
}

/** Whether a field of the entity, at whatever depth, may hold files. */
export function targetsFiles({ fields }: Pick<Entity, 'fields'>): boolean {
  return fields.some((field) => typeOf(field.type).targets?.(field).includes(null))
}
