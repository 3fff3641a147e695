// Turns at the connections of a pool, for work that may hold one for long.
import type pg from 'pg'
import { TenantTurns } from '../process/tenant-turns.ts'

/** A part of the connections, and what one tenant may have of them. */
export interface Share {
  all: number
  tenant: number
}

/** Who waits for his turn waits no longer than he would for a connection. */
export function connectionTurns({ options }: pg.Pool, { all, tenant }: Share): TenantTurns {
  const places = (part: number) => Math.ceil(part * options.max)
  return new TenantTurns(places(all), places(tenant), options.connectionTimeoutMillis)
}
