// Records when each former name was last used, beside the request: at most once a minute for a name and process. A failure
// is passed over, and the next request tries again.
import { LRUCache } from 'lru-cache'
import type { TenantScope } from '../db/scope.ts'
import type { TenantDb } from '../db/statement.ts'
import { type StoredAlias, touchAlias } from './alias-store.ts'

const NAMES = 10_000

const INTERVAL_MS = 60_000

export class AliasUse {
  readonly #db: Pick<TenantDb, 'write'>
  readonly #noted = new LRUCache<string, true>({ max: NAMES, ttl: INTERVAL_MS })

  constructor(db: Pick<TenantDb, 'write'>) {
    this.#db = db
  }

  /** Records that the name was used now, without waiting for it. */
  note(tenant: TenantScope, { entityId, name }: Pick<StoredAlias, 'entityId' | 'name'>): void {
    const key = `${tenant.id} ${entityId} ${name}`
    if (this.#noted.has(key)) return
    this.#noted.set(key, true)
    const statement = touchAlias({ tenantId: tenant.id, id: entityId }, name)
    this.#db.write(tenant, [], statement).catch(() => this.#noted.delete(key))
  }
}
