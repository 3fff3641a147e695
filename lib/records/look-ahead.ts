// Which lists begin with enough of what they ask for that a look at their first records answers them. What was tried in
// vain is tried again ever more seldom, shape by shape: forgetting costs one more look.
import { LRUCache } from 'lru-cache'
import type { Entity } from '../schema/entity.ts'

interface Luck {
  /** Looks in vain since the last that was worth it. */
  misses: number
  /** Requests to let pass before the next. */
  rest: number
}

const SHAPES = 10_000
const LONGEST_REST = 256

const lucks = new LRUCache<string, Luck>({ max: SHAPES })

const keyOf = ({ id }: Entity, text: string) => `${id} ${text}`

/** Whether to look ahead with this statement. */
export function isWorthALook(entity: Entity, text: string): boolean {
  const luck = lucks.get(keyOf(entity, text))
  if (luck === undefined || luck.rest === 0) return true
  luck.rest -= 1
  return false
}

/** Notes whether it was. */
export function noteLook(entity: Entity, text: string, hit: boolean): void {
  const key = keyOf(entity, text)
  if (hit) {
    lucks.delete(key)
    return
  }
  const misses = (lucks.get(key)?.misses ?? 0) + 1
  lucks.set(key, { misses, rest: Math.min(2 ** misses, LONGEST_REST) })
}
