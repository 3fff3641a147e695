// User names of one tenant that differ only in case: older versions let them be made, and they stay. The keys by which names
// are compared, for accounts that have none.
import type { TenantDirectory } from '../db/tenant-directory.ts'
import { caseless } from '../fields/caseless.ts'

/** Such names, of one tenant. */
export interface SameNames {
  tenant: string
  usernames: string[]
}

/** The warning for the operator: a user name cannot be changed. */
export const ON_SAME_NAMES =
  'user names that differ only in case: an admin of the tenant keeps one and deletes the others (DELETE /auth/users/{id})'

interface Unkeyed {
  tenant_id: string
  id: string
  username: string
}

/** Names that get their keys at once. */
const BATCH = 1000

/** Gives the accounts of an older version the keys by which their names are compared. */
export async function keyUserNames(directory: Pick<TenantDirectory, 'parts'>): Promise<void> {
  for (const part of await directory.parts()) await keyNamesOf(part)
}

async function keyNamesOf(directory: Pick<TenantDirectory, 'call'>): Promise<void> {
  for (;;) {
    const found = await directory.call<Unkeyed>('select * from names_without_key($1)', [BATCH])
    if (found.length === 0) return
    await directory.call('select set_name_keys($1, $2, $3)', [
      found.map(({ tenant_id }) => tenant_id),
      found.map(({ id }) => id),
      found.map(({ username }) => caseless(username)),
    ])
  }
}

/** The names that exist, tenant by tenant. */
export function listSameNames(directory: Pick<TenantDirectory, 'callEach'>): Promise<SameNames[]> {
  return directory.callEach<SameNames>('select tenant, usernames from same_names()')
}
