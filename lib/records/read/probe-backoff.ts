// Decides whether a list probes its first records before the full query. Failed probes back off exponentially, by entity and
// query shape; what the cache forgets costs one more probe.
import { LRUCache } from 'lru-cache'
import type { Entity } from '../../entities/entity.ts'

interface Backoff {
  /** Failed probes since the last that filled a page. */
  misses: number
  /** Requests without a probe before the next. */
  skip: number
}

const SHAPES = 10_000

const MOST_SKIPPED = 256

const keyOf = ({ id }: Entity, text: string) => `${id} ${text}`

export class ProbeBackoff {
  readonly #backoffs = new LRUCache<string, Backoff>({ max: SHAPES })

  /** Whether to probe with this statement. */
  shouldProbe(entity: Entity, text: string): boolean {
    const backoff = this.#backoffs.get(keyOf(entity, text))
    if (backoff === undefined || backoff.skip === 0) return true
    backoff.skip -= 1
    return false
  }

  /** Records whether the probe filled a page. */
  record(entity: Entity, text: string, hit: boolean): void {
    const key = keyOf(entity, text)
    if (hit) {
      this.#backoffs.delete(key)
      return
    }
    const misses = (this.#backoffs.get(key)?.misses ?? 0) + 1
    this.#backoffs.set(key, { misses, skip: Math.min(2 ** misses, MOST_SKIPPED) })
  }
}
