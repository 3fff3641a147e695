// When each API key was last used: noted beside the request, at most once a minute for a key and process, and given up
// when it fails.
import { LRUCache } from 'lru-cache'
import type { TenantDb } from '../db/statement.ts'
import { touchKey } from './api-key-store.ts'
import type { SignedIn } from './caller.ts'

const KEYS = 10_000

const INTERVAL_MS = 60_000

export class KeyUse {
  readonly #db: Pick<TenantDb, 'write'>
  readonly #noted = new LRUCache<string, true>({ max: KEYS, ttl: INTERVAL_MS })

  constructor(db: Pick<TenantDb, 'write'>) {
    this.#db = db
  }

  /** Notes that the key which the caller is was used now; does not wait for it. */
  note({ id, tenant }: SignedIn): void {
    if (this.#noted.has(id)) return
    this.#noted.set(id, true)
    this.#db.write(tenant, [], touchKey(tenant.id, id)).catch(() => this.#noted.delete(id))
  }
}
