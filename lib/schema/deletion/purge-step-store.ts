// One step of the purge of a deleted entity: a batch of its records, with the links from and to them, in a transaction of its
// own; after the last batch the entity itself, with its versions and permissions. The batches of a purge that was broken off
// are done, and any process goes on with the next.
import { recordAudit } from '../../audit/audit-store.ts'
import { count } from '../../db/quota-counters.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable, Transaction } from '../../db/statement.ts'
import { FILES } from '../../entities/entity.ts'
import { releaseFiles } from '../../query/sql/file-release.ts'
import { type BatchContext, type EntityJob, LOCK_TIMEOUT_MS, runBatchStep } from '../batch-step-store.ts'

const BATCH = 2000

/** Locks the row that says how far this worker has come; undefined when it is no longer this worker's. */
async function findPlace(tx: Queryable, { tenantId, entityId, worker }: EntityJob) {
  const { rows } = await tx.query<{ after_id: string }>(
    'select after_id from entity_deletion where tenant_id = $1 and entity_id = $2 and worker = $3 for update',
    [tenantId, entityId, worker],
  )
  return rows[0]?.after_id
}

async function savePlace(tx: Queryable, { tenantId, entityId }: EntityJob, upTo: string | null) {
  await tx.query(
    `update entity_deletion set worked_at = now(),
       after_id = coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
     where tenant_id = $1 and entity_id = $2`,
    [tenantId, entityId, upTo],
  )
}

/** Lets go of the files of the entity's records. */
const RELEASE = releaseFiles(
  '$1',
  `select to_id from link where tenant_id = $1 and from_entity = $2 and from_id = any($3::uuid[]) and to_entity = ${FILES}`,
)

/** Links first: a foreign key restricts the deletion of a linked record. Also those that dropped fields have left. */
async function deleteRecords(tx: Queryable, scope: TenantScope, values: unknown[]): Promise<void> {
  const ids = 'any($3::uuid[])'
  await tx.query(`delete from link where tenant_id = $1 and to_entity = $2 and to_id = ${ids}`, values)
  await tx.query(RELEASE, values)
  await tx.query(`delete from link where tenant_id = $1 and from_entity = $2 and from_id = ${ids}`, values)
  const text = `delete from record where tenant_id = $1 and entity_id = $2 and id = ${ids}`
  const { rowCount } = await tx.query(text, values)
  await count(tx, scope, 'records', -(rowCount ?? 0))
}

/** Deletes some of what is logged of the records; how many changes. */
async function deleteChanges(
  tx: Queryable,
  { tenantId, entityId }: EntityJob,
  most: number,
): Promise<number> {
  const { rowCount } = await tx.query(
    `delete from change where tenant_id = $1 and entity_id = $2 and (id, seq) in (
       select id, seq from change where tenant_id = $1 and entity_id = $2 limit $3)`,
    [tenantId, entityId, most],
  )
  return rowCount ?? 0
}

interface Purge {
  scope: TenantScope
  job: EntityJob
  size: number
}

async function purgeBatch(tx: Queryable, { scope, job, size }: Purge) {
  await tx.query(`set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  const after = await findPlace(tx, job)
  if (after === undefined) return null
  const { tenantId, entityId } = job
  const { rows } = await tx.query<{ id: string }>(
    `select id from record where tenant_id = $1 and entity_id = $2 and id > $3 order by id limit ${size}`,
    [tenantId, entityId, after],
  )
  const ids = rows.map(({ id }) => id)
  await deleteRecords(tx, scope, [tenantId, entityId, ids])
  await savePlace(tx, job, ids.at(-1) ?? after)
  const changes = await deleteChanges(tx, job, size)
  return { isLast: ids.length < size && changes < size }
}

/** Deletes the entity; false when a request that was under way when it was deleted has written a record. */
async function finish(tx: Transaction, job: EntityJob): Promise<boolean> {
  const { tenantId, entityId } = job
  await tx.query('select pg_advisory_xact_lock($1)', [entityId])
  if ((await findPlace(tx, job)) === undefined) return true
  const scope = [tenantId, entityId]
  const left = await tx.query(
    `(select from record where tenant_id = $1 and entity_id = $2 limit 1)
     union all (select from change where tenant_id = $1 and entity_id = $2 limit 1)`,
    scope,
  )
  if (left.rows.length > 0) {
    await savePlace(tx, job, null)
    return false
  }
  const { rows } = await tx.query<{ name: string; deleted_at: Date }>(
    'delete from entity where tenant_id = $1 and id = $2 returning name, deleted_at',
    scope,
  )
  const actor = { id: null, username: 'univera', tenant: { id: tenantId } }
  for (const { name, deleted_at } of rows)
    await recordAudit(tx, actor, { action: 'schema.purge', target: name, details: { deleted_at } })
  return true
}

/** Purges one more batch of a deleted entity's records; `done` when nothing is left for this worker. */
export function purgeStep(context: BatchContext, job: EntityJob, size = BATCH): Promise<'more' | 'done'> {
  return runBatchStep(context, job, {
    batch: (tx, scope) => purgeBatch(tx, { scope, job, size }),
    finish: (tx) => finish(tx, job),
  })
}
