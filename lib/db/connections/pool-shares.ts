// Places among the connections of a pool, for work that may hold one for long.
import type pg from 'pg'
import { TenantBudget } from '../../concurrency/tenant-budget.ts'
import { TenantLimiter } from '../../concurrency/tenant-limiter.ts'

/** A part of the connections, and what one tenant may have of them. */
export interface Share {
  all: number
  tenant: number
}

function placesOf({ options }: pg.Pool, { all, tenant }: Share): Share {
  return { all: Math.ceil(all * options.max), tenant: Math.ceil(tenant * options.max) }
}

/** Who waits for his turn waits no longer than he would for a connection. */
export function poolLimiter(pool: pg.Pool, share: Share): TenantLimiter {
  const { all, tenant } = placesOf(pool, share)
  return new TenantLimiter(all, tenant, pool.options.connectionTimeoutMillis)
}

/** Who finds no place is refused at once. */
export function poolBudget(pool: pg.Pool, share: Share): TenantBudget {
  return new TenantBudget({ ...placesOf(pool, share), least: 1 })
}
