// The context of signing in and out, and its one way into a tenant: by the tenant's present state, and only an active one.

import { type DatabaseTime, measured } from '../db/database-time.ts'
import { retryStale } from '../db/retry-stale.ts'
import type { TenantDb } from '../db/statement.ts'
import type { TenantRow } from '../db/tenant.ts'
import type { TenantDirectory } from '../db/tenant-directory.ts'
import type { FailedAttempts } from './failed-attempts.ts'
import type { Passwords } from './password.ts'

/** What the log says of a request that signs in or out: its tenant, once that is found, and its time in the database. */
export interface Visit {
  time: DatabaseTime
  tenant?: { name: string }
}

export interface AuthContext {
  db: TenantDb
  directory: TenantDirectory
  passwords: Passwords
  failedSignIns: FailedAttempts
  /** Seconds until a refresh token expires. */
  refreshTtl: number
  visit?: Visit
}

/** Runs work on the tenant's present state; null when there is no such active tenant. */
export function withTenant<T>(
  { directory, visit }: Pick<AuthContext, 'directory' | 'visit'>,
  find: (directory: TenantDirectory) => Promise<TenantRow | null>,
  work: (tenant: TenantRow & { time?: DatabaseTime }) => Promise<T>,
): Promise<T | null> {
  return retryStale(async () => {
    const tenant = await measured(visit?.time, find(directory))
    if (!tenant?.active) return null
    if (visit === undefined) return work(tenant)
    // The stand-in for tenants that do not exist has no name.
    if (tenant.name !== '') visit.tenant = tenant
    return work({ ...tenant, time: visit.time })
  })
}
