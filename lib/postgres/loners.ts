// Entities whose writes travel alone for a while, because PostgreSQL has refused one: in company it would undo the writes
// of all the others, who would have to write again.
import { LRUCache } from 'lru-cache'

const ENTITIES = 10_000
/** Writes that go alone after a refusal. */
const ALONE = 256

export class Loners {
  readonly #left = new LRUCache<number, number>({ max: ENTITIES })

  /** Whether a write of the entity was refused not long ago; each call counts as a write. */
  has(entityId: number): boolean {
    const writes = this.#left.get(entityId)
    if (writes === undefined) return false
    if (writes > 1) this.#left.set(entityId, writes - 1)
    else this.#left.delete(entityId)
    return true
  }

  note(entityId: number): void {
    this.#left.set(entityId, ALONE)
  }
}
