// Counts the requests of a tenant per minute, over all instances. An instance reserves requests ahead from the database while
// plenty are left, and near the limit exactly as many as wait. The limit is never exceeded; an instance may hold up to a
// fiftieth of it unused. The minute begins with the first request.
import { LRUCache } from 'lru-cache'
import { IS_ADMITTED } from '../db/enter.ts'
import type { TenantDb } from '../db/statement.ts'
import type { TenantSnapshot } from '../db/tenant.ts'
import { errors } from '../errors.ts'

/** The share of the limit that an instance reserves ahead. */
const AHEAD = 0.02

const TENANTS = 20_000

interface Lease {
  limit: number
  left: number
  waiting: number
  /** The end of the minute, in elapsed milliseconds. */
  endsAt: number
  /** Whether the database has none left. */
  spent: boolean
  renewal: Promise<void> | undefined
}

export class RequestQuota {
  readonly #db: Pick<TenantDb, 'write'>
  readonly #elapsed: () => number
  readonly #leases = new LRUCache<string, Lease>({ max: TENANTS })

  /** @param elapsed milliseconds since some moment */
  constructor(db: Pick<TenantDb, 'write'>, elapsed: () => number) {
    this.#db = db
    this.#elapsed = elapsed
  }

  /** Counts a request; errors.requestQuotaExceeded. Rejects with STALE_EPOCH when the quota may have changed. */
  async take(tenant: TenantSnapshot): Promise<void> {
    const { requests_per_minute: limit } = tenant.quotas
    if (limit === undefined) return
    const lease = this.#leaseOf(tenant.id, limit)
    while (!this.#takeFrom(lease)) {
      lease.waiting++
      lease.renewal ??= this.#renew(lease, tenant)
      await lease.renewal.finally(() => lease.waiting--)
    }
  }

  #leaseOf(id: string, limit: number): Lease {
    const known = this.#leases.get(id)
    if (known?.limit === limit) return known
    const lease = { limit, left: 0, waiting: 0, endsAt: 0, spent: false, renewal: undefined }
    this.#leases.set(id, lease)
    return lease
  }

  #takeFrom(lease: Lease): boolean {
    const remaining = lease.endsAt - this.#elapsed()
    if (remaining <= 0) return false
    if (lease.left > 0) {
      lease.left--
      return true
    }
    if (lease.spent) throw errors.requestQuotaExceeded(lease.limit, Math.ceil(remaining / 1000))
    return false
  }

  async #renew(lease: Lease, tenant: TenantSnapshot): Promise<void> {
    // Every request that waits by now is counted, not only the first.
    await Promise.resolve()
    const { waiting, limit } = lease
    try {
      const [row] = await this.#db.write(tenant, [], {
        text: `select taken::text, seconds::text from take_requests($1, $2, $3, $4) where ${IS_ADMITTED}`,
        values: [tenant.id, waiting, Math.floor(limit * AHEAD), limit],
      })
      const [taken, seconds] = (row ?? []).map(Number)
      const now = this.#elapsed()
      lease.left = (lease.endsAt > now ? lease.left : 0) + (taken ?? 0)
      lease.endsAt = now + (seconds ?? 0) * 1000
      lease.spent = taken === 0
    } finally {
      lease.renewal = undefined
    }
  }
}
