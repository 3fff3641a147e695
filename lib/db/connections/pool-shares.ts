// Places among the connections of a pool, for work that may hold one for long.
import type pg from 'pg'
import { TenantRoom } from '../../concurrency/tenant-budget.ts'
import { TenantTurns } from '../../concurrency/tenant-limiter.ts'

/** A part of the connections, and what one tenant may have of them. */
export interface Share {
  all: number
  tenant: number
}

function placesOf({ options }: pg.Pool, { all, tenant }: Share): Share {
  return { all: Math.ceil(all * options.max), tenant: Math.ceil(tenant * options.max) }
}

/** Who waits for his turn waits no longer than he would for a connection. */
export function connectionTurns(pool: pg.Pool, share: Share): TenantTurns {
  const { all, tenant } = placesOf(pool, share)
  return new TenantTurns(all, tenant, pool.options.connectionTimeoutMillis)
}

/** Who finds no place is refused at once. */
export function connectionRoom(pool: pg.Pool, share: Share): TenantRoom {
  return new TenantRoom({ ...placesOf(pool, share), least: 1 })
}
