// User names of one tenant that differ only in case: older versions let them be made, and they stay.
import type { TenantDirectory } from '../db/tenant-directory.ts'

/** Such names, of one tenant. */
export interface SameNames {
  tenant: string
  usernames: string[]
}

/** The names that exist, tenant by tenant. */
export function listSameNames(directory: Pick<TenantDirectory, 'call'>): Promise<SameNames[]> {
  return directory.call<SameNames>('select tenant, usernames from same_names()')
}
