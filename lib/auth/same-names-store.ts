// User names of one tenant that differ only in case: older versions let them be made, and they stay.
import type { TenantDirectory } from '../db/tenant-directory.ts'

/** Such names, of one tenant. */
export interface SameNames {
  tenant: string
  usernames: string[]
}

/** What the operator is told of them: a user keeps the name that they were made with. */
export const ON_SAME_NAMES =
  'user names that differ only in case: an admin of the tenant keeps one and deletes the others (DELETE /auth/users/{id})'

/** The names that exist, tenant by tenant. */
export function listSameNames(directory: Pick<TenantDirectory, 'call'>): Promise<SameNames[]> {
  return directory.call<SameNames>('select tenant, usernames from same_names()')
}
