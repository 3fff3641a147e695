// Where unique values are refused, writes do not share transactions for a while: one that is refused undoes them all, and
// all have to be written again.
import { LRUCache } from 'lru-cache'
import type { Entity } from '../schema/entity.ts'

const ENTITIES = 10_000
/** Writes that go alone after a refusal. */
const ALONE = 256

const left = new LRUCache<number, number>({ max: ENTITIES })

/** Whether a unique value was refused not long ago; each call counts as a write. */
export function hasCollided({ id }: Entity): boolean {
  const writes = left.get(id)
  if (writes === undefined) return false
  if (writes > 1) left.set(id, writes - 1)
  else left.delete(id)
  return true
}

export function noteCollision({ id }: Entity): void {
  left.set(id, ALONE)
}
