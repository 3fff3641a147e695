// The queues of background work on entities: those that are deleted, those whose dropped fields are to be purged, and those
// whose change is being prepared.
import type { TenantDirectory } from '../db/tenant-directory.ts'
import type { EntityJob } from './batch-step-store.ts'

type Directory = Pick<TenantDirectory, 'callEach'>

async function claim(directory: Directory, queue: string, worker: string): Promise<EntityJob | null> {
  const [row] = await directory.callEach<{ tenant_id: string; entity_id: number }>(
    `select tenant_id, entity_id::float8 as entity_id from ${queue}($1)`,
    [worker],
  )
  return row === undefined ? null : { tenantId: row.tenant_id, entityId: row.entity_id, worker }
}

/** Claims for this process a deleted entity, of any tenant, that is to be purged; null when there is none. */
export const claimEntityPurge = (directory: Directory, worker: string) =>
  claim(directory, 'claim_entity_purge', worker)

/** Claims for this process an entity, of any tenant, whose change is being prepared; null when there is none. */
export const claimConversion = (directory: Directory, worker: string) =>
  claim(directory, 'claim_conversion', worker)

/** Claims for this process an entity, of any tenant, with dropped fields that are to be purged; null when there is none. */
export const claimFieldPurge = (directory: Directory, worker: string) =>
  claim(directory, 'claim_field_purge', worker)
