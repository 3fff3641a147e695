// One step of the purge of a deleted entity: a batch of its records, with the links from and to them, in a transaction of its
// own; after the last batch the entity itself, with its versions and permissions. The batches of a purge that was broken off
// are done, and any process goes on with the next.
import { recordAudit } from '../../audit/audit-store.ts'
import { onPresentEpoch } from '../../db/current-epoch.ts'
import { count } from '../../db/quota-counters.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable, TenantDb, Transaction } from '../../db/statement.ts'
import type { TenantDirectory } from '../../db/tenant-directory.ts'

const BATCH = 2000

/** A deleted entity that one process purges. */
export interface EntityPurge {
  tenantId: string
  entityId: number
  worker: string
}

/** What purges work with; the server itself has this shape. */
export interface PurgeContext {
  db: Pick<TenantDb, 'transaction'>
  directory: Pick<TenantDirectory, 'tenantById' | 'call'>
}

/** Claims for this process an entity, of any tenant, that is to be purged; null when there is none. */
export async function claimEntityPurge(
  { directory }: Pick<PurgeContext, 'directory'>,
  worker: string,
): Promise<EntityPurge | null> {
  const [row] = await directory.call<{ tenant_id: string; entity_id: number }>(
    'select tenant_id, entity_id::float8 as entity_id from claim_entity_purge($1)',
    [worker],
  )
  return row === undefined ? null : { tenantId: row.tenant_id, entityId: row.entity_id, worker }
}

/** Locks the row that says how far this worker has come; undefined when it is no longer this worker's. */
async function findPlace(tx: Queryable, { tenantId, entityId, worker }: EntityPurge) {
  const { rows } = await tx.query<{ after_id: string }>(
    'select after_id from entity_deletion where tenant_id = $1 and entity_id = $2 and worker = $3 for update',
    [tenantId, entityId, worker],
  )
  return rows[0]?.after_id
}

async function savePlace(tx: Queryable, { tenantId, entityId }: EntityPurge, upTo: string | null) {
  await tx.query(
    `update entity_deletion set worked_at = now(), after_id = coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
     where tenant_id = $1 and entity_id = $2`,
    [tenantId, entityId, upTo],
  )
}

/** Links first: a foreign key restricts the deletion of a linked record. Also those that dropped fields have left. */
async function deleteRecords(tx: Queryable, scope: TenantScope, values: unknown[]): Promise<void> {
  const ids = 'any($3::uuid[])'
  await tx.query(`delete from link where tenant_id = $1 and to_entity = $2 and to_id = ${ids}`, values)
  await tx.query(`delete from link where tenant_id = $1 and from_entity = $2 and from_id = ${ids}`, values)
  const text = `delete from record where tenant_id = $1 and entity_id = $2 and id = ${ids}`
  const { rowCount } = await tx.query(text, values)
  await count(tx, scope, 'records', -(rowCount ?? 0))
}

type Progress = 'more' | 'all' | 'gone'

async function purgeBatch(
  tx: Queryable,
  { scope, purge, size }: { scope: TenantScope; purge: EntityPurge; size: number },
): Promise<Progress> {
  await tx.query('set local statement_timeout = 0')
  const after = await findPlace(tx, purge)
  if (after === undefined) return 'gone'
  const { tenantId, entityId } = purge
  const { rows } = await tx.query<{ id: string }>(
    `select id from record where tenant_id = $1 and entity_id = $2 and id > $3 order by id limit ${size}`,
    [tenantId, entityId, after],
  )
  const ids = rows.map(({ id }) => id)
  await deleteRecords(tx, scope, [tenantId, entityId, ids])
  await savePlace(tx, purge, ids.at(-1) ?? after)
  return ids.length < size ? 'all' : 'more'
}

/** Deletes the entity, unless a request that was under way when it was deleted has written a record. */
async function finish(tx: Transaction, purge: EntityPurge): Promise<'more' | 'done'> {
  const { tenantId, entityId } = purge
  await tx.query('select pg_advisory_xact_lock($1)', [entityId])
  if ((await findPlace(tx, purge)) === undefined) return 'done'
  const scope = [tenantId, entityId]
  const left = await tx.query('select from record where tenant_id = $1 and entity_id = $2 limit 1', scope)
  if (left.rows.length > 0) {
    await savePlace(tx, purge, null)
    return 'more'
  }
  const { rows } = await tx.query<{ name: string; deleted_at: Date }>(
    'delete from entity where tenant_id = $1 and id = $2 returning name, deleted_at',
    scope,
  )
  const actor = { id: null, username: 'univera', tenant: { id: tenantId } }
  for (const { name, deleted_at } of rows)
    await recordAudit(tx, actor, { action: 'schema.purge', target: name, details: { deleted_at } })
  return 'done'
}

/** Purges one more batch; `done` when nothing is left for this worker. */
export async function purgeStep(
  { db, directory }: PurgeContext,
  purge: EntityPurge,
  size = BATCH,
): Promise<'more' | 'done'> {
  const { tenantId, entityId } = purge
  const progress = await onPresentEpoch(directory, tenantId, (scope) =>
    db.transaction(scope, [entityId], (tx) => purgeBatch(tx, { scope, purge, size })),
  )
  if (progress !== 'all') return progress === 'more' ? 'more' : 'done'
  return onPresentEpoch(directory, tenantId, (scope) =>
    db.transaction(scope, 'metadata', (tx) => finish(tx, purge)),
  )
}
