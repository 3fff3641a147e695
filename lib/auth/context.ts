// What signing in and out works with, and the one way it enters a tenant: as the tenant is now, active, or not at all.

import { retryStale } from '../db/retry-stale.ts'
import type { TenantDb } from '../db/statement.ts'
import type { TenantRow } from '../db/tenant.ts'
import type { TenantDirectory } from '../db/tenant-directory.ts'
import type { FailedAttempts } from './failed-attempts.ts'
import type { Passwords } from './password.ts'

export interface AuthContext {
  db: TenantDb
  directory: TenantDirectory
  passwords: Passwords
  failedSignIns: FailedAttempts
  /** Seconds that a refresh token is good for. */
  refreshTtl: number
}

/** Runs work on the tenant as it is now; null when there is no such active tenant. */
export function withTenant<T>(
  find: () => Promise<TenantRow | null>,
  work: (tenant: TenantRow) => Promise<T>,
): Promise<T | null> {
  return retryStale(async () => {
    const tenant = await find()
    return tenant?.active ? work(tenant) : null
  })
}
