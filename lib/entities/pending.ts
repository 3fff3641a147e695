// A change of a definition that is being prepared while the present one is in force: the fields that get a new key or stricter
// rules, with slots of their own. Every writer writes both forms meanwhile, and a job the records that nobody writes. Pure.
import type { Entity, PendingField, UniqueConstraint } from './entity.ts'

/** Whether values are prepared under a key of their own; else they stay, and are held to the rules that are to come. */
export function hasOwnKey({ to, from }: PendingField): boolean {
  return from?.key !== to.key
}

/** The entity with everything that its records are written with: what is in force, and what is being prepared. */
export function writtenForm(entity: Entity): Entity {
  const { pending } = entity
  if (pending === undefined) return entity
  const known = new Set(entity.fields.map(({ key }) => key))
  const added = pending.fields.map(({ to }) => to).filter(({ key }) => !known.has(key))
  return {
    ...entity,
    fields: [...entity.fields, ...added],
    constraints: [...entity.constraints, ...pending.constraints],
    slots: { ...entity.slots, ...pending.slots },
  }
}

/** The key under which records that violate a constraint are listed. */
export function misfitKeyOf({ keys }: Pick<UniqueConstraint, 'keys'>): string {
  return keys[0] ?? ''
}
