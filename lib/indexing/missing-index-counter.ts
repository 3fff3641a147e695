// Counts how often queries would have used an index that is not there, field by field. In memory, on the way of every
// list: forgetting costs little, and a look at the database happens elsewhere and seldom.
import { LRUCache } from 'lru-cache'
import type { Entity } from '../entities/entity.ts'
import { type Watched, wantedFields } from './missing-indexes.ts'

/** A field that may deserve an index. */
export interface IndexRequest {
  tenantId: string
  entity: string
  entityId: number
  key: string
}

const FIELDS = 10_000

/** Queries before the first look at how large the entity is; the looks after it come ever later, but they come. */
const FIRST_LOOK = 5

const LOOKS_APART = 640

export class MissingIndexCounter {
  readonly #counts = new LRUCache<string, number>({ max: FIELDS })
  readonly #onMissing: (request: IndexRequest) => void

  constructor(onMissing: (request: IndexRequest) => void) {
    this.#onMissing = onMissing
  }

  note(plan: Watched): void {
    for (const { key } of wantedFields(plan)) this.#count(plan.entity, key)
  }

  #count({ tenantId, name, id }: Entity, key: string): void {
    const counted = `${id}:${key}`
    const count = (this.#counts.get(counted) ?? 0) + 1
    this.#counts.set(counted, count)
    if (isTimeToLook(count)) this.#onMissing({ tenantId, entity: name, entityId: id, key })
  }
}

function isTimeToLook(count: number): boolean {
  return count % LOOKS_APART === 0 || Number.isInteger(Math.log2(count / FIRST_LOOK))
}
