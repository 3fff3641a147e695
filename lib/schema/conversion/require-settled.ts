// Refuses what cannot be done to an entity while a change of it is being prepared.
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'

/** errors.changeInProgress while a change of the entity is being prepared. */
export function requireSettled({ pending }: Pick<Entity, 'pending'>): void {
  if (pending !== undefined) throw errors.changeInProgress(pending.id)
}
