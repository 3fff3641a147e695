// Which lists begin with enough of what they ask for that a look at their first records answers them. What was tried in
// vain is tried again ever more seldom, shape by shape: forgetting costs one more look.
import { LRUCache } from 'lru-cache'
import type { Entity } from '../../entities/entity.ts'

interface Backoff {
  /** Looks in vain since the last that was worth it. */
  misses: number
  /** Requests to let pass before the next. */
  skip: number
}

const SHAPES = 10_000

const MOST_SKIPPED = 256

const backoffs = new LRUCache<string, Backoff>({ max: SHAPES })

const keyOf = ({ id }: Entity, text: string) => `${id} ${text}`

/** Whether to look ahead with this statement. */
export function shouldProbe(entity: Entity, text: string): boolean {
  const backoff = backoffs.get(keyOf(entity, text))
  if (backoff === undefined || backoff.skip === 0) return true
  backoff.skip -= 1
  return false
}

/** Notes whether it was. */
export function recordProbe(entity: Entity, text: string, hit: boolean): void {
  const key = keyOf(entity, text)
  if (hit) {
    backoffs.delete(key)
    return
  }
  const misses = (backoffs.get(key)?.misses ?? 0) + 1
  backoffs.set(key, { misses, skip: Math.min(2 ** misses, MOST_SKIPPED) })
}
