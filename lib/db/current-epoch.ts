// Runs work on a tenant's present epoch: for jobs that belong to no request, and for long ones, which another change of the
// tenant must not end.

import { errors } from '../errors.ts'
import { retryStale } from './retry-stale.ts'
import type { TenantRow } from './tenant.ts'
import type { TenantDirectory } from './tenant-directory.ts'

/** Runs work in the tenant as it is now, again when it changes meanwhile; errors.unauthenticated when it is gone. */
export function onPresentEpoch<T>(
  directory: Pick<TenantDirectory, 'tenantById'>,
  tenantId: string,
  work: (scope: TenantRow) => Promise<T>,
): Promise<T> {
  return retryStale(async () => {
    const tenant = await directory.tenantById(tenantId)
    if (tenant === null) throw errors.unauthenticated()
    return work(tenant)
  })
}
