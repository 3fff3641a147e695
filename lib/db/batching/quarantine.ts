// Those whose statements travel alone for a while because they would be bad company: entities of which PostgreSQL has
// refused a write, which undoes those of all the others, and tenants who read so much that the others would wait for it.
import { LRUCache } from 'lru-cache'

const REMEMBERED = 10_000

/** Statements that go alone. */
const ALONE = 256

export class BatchQuarantine<Key extends string | number> {
  readonly #left = new LRUCache<Key, number>({ max: REMEMBERED })

  /** Whether it was noted not long ago; each call counts as a statement. */
  has(key: Key): boolean {
    const left = this.#left.get(key)
    if (left === undefined) return false
    if (left > 1) this.#left.set(key, left - 1)
    else this.#left.delete(key)
    return true
  }

  note(key: Key): void {
    this.#left.set(key, ALONE)
  }
}
