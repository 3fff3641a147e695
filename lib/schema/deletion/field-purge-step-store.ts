// One step of the purge of dropped fields: takes their values, sort keys and links out of a batch of records, beside live
// traffic. Their keys are never given out again. After the last batch the records are looked through once more, for a writer
// that was under way.
import type { Queryable, Transaction } from '../../db/statement.ts'
import { type Entity, FILES } from '../../entities/entity.ts'
import { writtenForm } from '../../entities/pending.ts'
import { freeSlots, freeUniqueSlots } from '../../entities/slots.ts'
import { releaseFiles } from '../../query/sql/file-release.ts'
import { type BatchContext, type EntityJob, LOCK_TIMEOUT_MS, runBatchStep } from '../batch-step-store.ts'
import { selectEntityById, toEntity } from '../entity-store.ts'

const BATCH = 1000

interface Place {
  keys: string[]
  after_id: string
}

/** Locks the row with the worker's place; undefined when it is no longer this worker's. */
async function findPlace(tx: Queryable, { tenantId, entityId, worker }: EntityJob) {
  const { rows } = await tx.query<Place>(
    'select keys, after_id from field_purge where tenant_id = $1 and entity_id = $2 and worker = $3 for update',
    [tenantId, entityId, worker],
  )
  return rows[0]
}

async function savePlace(tx: Queryable, { tenantId, entityId }: EntityJob, upTo: string | null) {
  await tx.query(
    `update field_purge set worked_at = now(),
       after_id = coalesce($3::uuid, '00000000-0000-0000-0000-000000000000')
     where tenant_id = $1 and entity_id = $2`,
    [tenantId, entityId, upTo],
  )
}

/** The slot columns that no field has: they may hold values of fields that had them. Assigned under a lock that waits for this. */
function unusedColumns(entity: Entity): string[] {
  const { slots, constraints } = writtenForm(entity)
  const index = freeSlots(slots).map((slot) => `k${slot}`)
  return [...index, ...freeUniqueSlots(constraints).map((slot) => `u${slot}`)]
}

/** That a record holds something of the fields $3. */
const HOLDS = '(data ?| $3::text[] or keys ?| $3::text[])'

/** The links of the fields $3. */
const LINKS = 'tenant_id = $1 and from_entity = $2 and from_id = any($4::uuid[]) and field = any($3::text[])'

/** Lets go of the files that the fields $3 had. */
const RELEASE = releaseFiles('$1', `select to_id from link where ${LINKS} and to_entity = ${FILES}`)

async function clearBatch(tx: Queryable, entity: Entity, { keys, ids }: { keys: string[]; ids: string[] }) {
  const values = [entity.tenantId, entity.id, keys, ids]
  const columns = unusedColumns(entity)
  const emptied = columns.map((name) => `, ${name} = null`).join('')
  const filled = columns.map((name) => ` or ${name} is not null`).join('')
  await tx.query(
    `update record set data = data - $3::text[], keys = keys - $3::text[]${emptied}
     where tenant_id = $1 and entity_id = $2 and id = any($4::uuid[]) and (${HOLDS}${filled})`,
    values,
  )
  await tx.query(RELEASE, values)
  await tx.query(`delete from link where ${LINKS}`, values)
}

/** Takes the values out of what is logged of the records with these ids, whether they are there or not. */
async function clearLog(
  tx: Queryable,
  { tenantId, entityId }: EntityJob,
  { keys, after, to }: { keys: string[]; after: string; to: string | null },
): Promise<void> {
  await tx.query(
    `update change set was = was - $3::text[]
     where tenant_id = $1 and entity_id = $2 and id > $4 and ($5::uuid is null or id <= $5) and was ?| $3::text[]`,
    [tenantId, entityId, keys, after, to],
  )
}

/** One batch, with writers let in; null when nothing is left to do for this worker. */
async function purgeBatch(tx: Transaction, job: EntityJob, size: number) {
  await tx.query(`set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  const place = await findPlace(tx, job)
  const [row] = place === undefined ? [] : await tx.read(selectEntityById(job.tenantId, job.entityId))
  if (place === undefined || row === undefined) return null
  const { rows } = await tx.query<{ id: string }>(
    `select id from record where tenant_id = $1 and entity_id = $2 and id > $3 order by id limit ${size}`,
    [job.tenantId, job.entityId, place.after_id],
  )
  const ids = rows.map(({ id }) => id)
  await clearBatch(tx, toEntity(job.tenantId, row), { keys: place.keys, ids })
  const upTo = ids.at(-1) ?? place.after_id
  await clearLog(tx, job, { keys: place.keys, after: place.after_id, to: ids.length < size ? null : upTo })
  await savePlace(tx, job, upTo)
  const isLast = ids.length < size && !(await isLeft(tx, job, place.keys))
  if (ids.length < size && !isLast) await savePlace(tx, job, null)
  return { isLast, upTo }
}

async function isLeft(tx: Queryable, { tenantId, entityId }: EntityJob, keys: string[]): Promise<boolean> {
  const text = `select from record where tenant_id = $1 and entity_id = $2 and ${HOLDS} limit 1`
  return (await tx.query(text, [tenantId, entityId, keys])).rows.length > 0
}

/** Ends the purge, unless it has begun again with more fields. */
async function finish(tx: Queryable, job: EntityJob, upTo: string): Promise<boolean> {
  if ((await findPlace(tx, job))?.after_id !== upTo) return false
  const values = [job.tenantId, job.entityId]
  await tx.query('delete from field_purge where tenant_id = $1 and entity_id = $2', values)
  return true
}

/** Purges the dropped fields of one more batch of records; `done` when nothing is left for this worker. */
export function purgeFieldsStep(
  context: BatchContext,
  job: EntityJob,
  size = BATCH,
): Promise<'more' | 'done'> {
  return runBatchStep(context, job, {
    batch: (tx) => purgeBatch(tx, job, size),
    finish: (tx, { upTo }) => finish(tx, job, upTo),
  })
}
