// Entities as last read, in two forms. Their rows as texts, outside JavaScript's heap, for as many as there may be; and
// those that are asked for again and again, ready for use. Each counts at the epoch it was read at and at no other.
import { LRUCache } from 'lru-cache'
import { Doorkeeper } from '../../cache/doorkeeper.ts'
import { OffHeapTextCache } from '../../cache/off-heap-cache.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TextRow } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { readShapeOf } from '../../entities/read-shape.ts'
import { toEntity } from '../entity-store.ts'
import { storedEntity } from './lazy-entity.ts'

const MEGABYTE = 2 ** 20

/** Some 100,000 entities of a dozen fields. */
const TEXTS = 96 * MEGABYTE

/** Some 7,000 of them. */
const READY = 20 * MEGABYTE

const REMEMBERED = 4096

/** Objects take some five times the text they were read from, and the entry 600 bytes. */
const sizeOf = (text: string) => 600 + 5 * text.length

interface Ready {
  epoch: number
  entity: Entity
}

export class EntityCache {
  readonly #texts = new OffHeapTextCache(TEXTS)
  readonly #ready = new LRUCache<string, Ready>({ maxSize: READY })
  readonly #doorkeeper = new Doorkeeper(REMEMBERED)

  /** Entities kept as texts, and ready for use. */
  get sizes(): { texts: number; ready: number } {
    return { texts: this.#texts.size, ready: this.#ready.size }
  }

  /** @param key of tenant and name */
  get(key: string, { id, epoch }: TenantScope): Entity | undefined {
    const ready = this.#ready.get(key)
    if (ready?.epoch === epoch) return ready.entity
    const text = this.#texts.get(key)
    // No part of a row has a line break.
    const [at, shape = '', ...row] = text?.split('\n') ?? []
    if (text === undefined || at !== String(epoch)) return undefined
    const entity = storedEntity(id, shape, row)
    if (this.#doorkeeper.passes(entity.id)) this.#keepReady(key, { epoch, entity }, sizeOf(text))
    return entity
  }

  /** The copy is parsed. */
  #keepReady(key: string, { epoch, entity }: Ready, size: number): void {
    this.#ready.set(key, { epoch, entity: { ...entity } }, { size })
  }

  /** Takes over the row of an entity, and gives the entity. */
  add(key: string, { id, epoch }: TenantScope, row: TextRow): Entity {
    const entity = toEntity(id, row)
    const shape = readShapeOf(entity)
    this.#texts.set(key, [epoch, shape, ...row].join('\n'))
    return { ...entity, shape }
  }
}
