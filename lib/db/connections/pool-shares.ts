// Parts of a pool's connections, for work that may hold one for long.
import type pg from 'pg'
import { TenantBudget } from '../../concurrency/tenant-budget.ts'
import { TenantLimiter } from '../../concurrency/tenant-limiter.ts'

/** A part of the connections, and the part of them that one tenant may have. */
export interface Share {
  all: number
  tenant: number
}

function placesOf({ options }: pg.Pool, { all, tenant }: Share): Share {
  return { all: Math.ceil(all * options.max), tenant: Math.ceil(tenant * options.max) }
}

/** The connections that a part of the pool comes to, at least one. */
export function connectionsFor({ options }: pg.Pool, part: number): number {
  return Math.max(1, Math.floor(options.max * part))
}

/** Work beyond the share queues, no longer than it would for a connection. */
export function poolLimiter(pool: pg.Pool, share: Share): TenantLimiter {
  const { all, tenant } = placesOf(pool, share)
  return new TenantLimiter(all, tenant, pool.options.connectionTimeoutMillis)
}

/** Work beyond the share is refused at once. */
export function poolBudget(pool: pg.Pool, share: Share): TenantBudget {
  return new TenantBudget({ ...placesOf(pool, share), least: 1 })
}
