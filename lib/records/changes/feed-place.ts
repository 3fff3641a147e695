// A place in the changes of an entity: after a tick, or within the batch between two ticks after one of its changes. Opaque to
// callers, bound to tenant and entity.
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import type { CursorSeal } from '../../log/cursor-seal.ts'

export interface FeedPlace {
  /** The id of the tick. */
  tick: string
  /** Within the batch up to that tick, after the change of that number; absent: between batches. */
  within?: { to: string; seq: string }
}

const boundTo = ({ tenantId, id }: Entity) => `changes ${tenantId} ${id}`

export function sealPlace(seal: CursorSeal, entity: Entity, { tick, within }: FeedPlace): string {
  return seal.seal(within === undefined ? [tick] : [tick, within.to, within.seq], boundTo(entity))
}

/** errors.invalidParameter for a text that is no place of this entity. */
export function openPlace(seal: CursorSeal, entity: Entity, cursor: string): FeedPlace {
  const [tick, to, seq] = seal.open(cursor, boundTo(entity)) ?? []
  if (tick === undefined)
    throw errors.invalidParameter('after is not a cursor of the changes of this entity.')
  return to === undefined || seq === undefined ? { tick } : { tick, within: { to, seq } }
}
