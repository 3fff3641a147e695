// Records when each API key was last used, beside the request: at most once a minute for a key and process. A failure is
// passed over, and the next request tries again.
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

  /** Records that the caller's key was used now, without waiting for it. */
  note({ id, tenant }: SignedIn): void {
    if (this.#noted.has(id)) return
    this.#noted.set(id, true)
    this.#db.write(tenant, [], touchKey(tenant.id, id)).catch(() => this.#noted.delete(id))
  }
}
