// The context of signing in and out, and its one way into a tenant: by the tenant's present state, and only an active one.

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
  /** Seconds until a refresh token expires. */
  refreshTtl: number
}

/** Runs work on the tenant's present state; null when there is no such active tenant. */
export function withTenant<T>(
  find: () => Promise<TenantRow | null>,
  work: (tenant: TenantRow) => Promise<T>,
): Promise<T | null> {
  return retryStale(async () => {
    const tenant = await find()
    return tenant?.active ? work(tenant) : null
  })
}
