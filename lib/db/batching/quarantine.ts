// Keys excluded from batching for a while: entities whose failed write rolled back its batch, and tenants whose reads are
// so large that others would wait for them.
import { LRUCache } from 'lru-cache'

const REMEMBERED = 10_000

/** Statements that run alone, unless stated otherwise. */
const ALONE = 256

export class BatchQuarantine<Key extends string | number> {
  readonly #left = new LRUCache<Key, number>({ max: REMEMBERED })
  readonly #statements: number

  /** @param statements of a key that are excluded after each note */
  constructor(statements = ALONE) {
    this.#statements = statements
  }

  /** Whether the key is excluded; each call counts as one of its statements. */
  has(key: Key): boolean {
    const left = this.#left.get(key)
    if (left === undefined) return false
    if (left > 1) this.#left.set(key, left - 1)
    else this.#left.delete(key)
    return true
  }

  /** Excludes the key from now on. */
  note(key: Key): void {
    this.#left.set(key, this.#statements)
  }
}
