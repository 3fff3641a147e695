// The changes that are being prepared, one row of `conversion` for an entity: what is to be, who works on it, how far it is.
import { column, columns, orNull } from '../../db/columns.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable, Statement, TenantDb, Transaction } from '../../db/statement.ts'
import type { Entity, EntityDefinition } from '../../entities/entity.ts'
import type { EntityJob } from '../batch-step-store.ts'
import type { Grace } from '../change/aliases.ts'
import { movePlan } from '../plan/plan-store.ts'

/** What a change puts in force and leaves behind. */
export interface PreparedChange {
  /** The entity's name as it is to be. */
  name: string
  definition: EntityDefinition
  /** For how long the former names that it makes go on working. */
  grace?: NonNullable<Grace>
  /** What the audit log calls it. */
  action: 'schema.change' | 'schema.rename' | 'schema.rollback'
  /** Who makes it; null: the server itself. */
  author: { id: string | null; username: string } | null
}

export interface Conversion {
  /** The plan that is carried out. */
  planId: string
  change: PreparedChange
  /** The records up to here are prepared. */
  afterId: string
  /** The last record that has to be; null: there was none. */
  uptoId: string | null
  done: number
  /** As counted at the beginning; null: not counted. */
  total: number | null
  /** ISO 8601, UTC. */
  begunAt: string
  /** Whether it was left alone since it was found to be blocked. */
  resting: boolean
}

const ROW = columns<Conversion>({
  planId: column.text('plan_id'),
  change: column.json('change'),
  afterId: column.text('after_id'),
  uptoId: orNull(column.text('upto_id')),
  done: column.integer('done'),
  total: orNull(column.integer('total')),
  begunAt: column.timestamp('begun_at'),
  resting: column.boolean('resting'),
})

type EntityId = Pick<Entity, 'tenantId' | 'id'>

const select = ({ tenantId, id }: EntityId): Statement => ({
  text: `select ${ROW.list} from conversion where tenant_id = $1 and entity_id = $2`,
  values: [tenantId, id],
  cost: 'row',
})

/** The change of the entity that is being prepared; undefined: none is. */
export async function findConversion(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  entity: EntityId,
): Promise<Conversion | undefined> {
  return (await db.read(scope, select(entity))).map(ROW.decode)[0]
}

/** As findConversion, locked until the transaction ends; undefined also when another process works on it. */
export async function lockConversion(
  tx: Transaction,
  { tenantId, entityId, worker }: EntityJob,
): Promise<Conversion | undefined> {
  const text = `${select({ tenantId, id: entityId }).text} and worker = $3 for update`
  return (await tx.read({ text, values: [tenantId, entityId, worker] })).map(ROW.decode)[0]
}

/** The changes that are being prepared in the tenant. */
export async function countConversions(tx: Queryable, tenantId: string): Promise<number> {
  const text = 'select count(*)::int as count from conversion where tenant_id = $1'
  return (await tx.query<{ count: number }>(text, [tenantId])).rows[0]?.count ?? 0
}

type Begun = Pick<Conversion, 'planId' | 'change' | 'total'>

/** Queues a change; the records that there are now have to be prepared. */
export async function insertConversion(
  tx: Queryable,
  { tenantId, id: entityId }: EntityId,
  { planId, change, total }: Begun,
): Promise<void> {
  await tx.query(
    `insert into conversion (tenant_id, entity_id, plan_id, change, total, upto_id) values ($1, $2, $3, $4, $5,
       (select r.id from record r where r.tenant_id = $1 and r.entity_id = $2 order by r.id desc limit 1))`,
    [tenantId, entityId, planId, JSON.stringify(change), total],
  )
}

/** The records up to this one are prepared. */
export async function saveProgress(
  tx: Queryable,
  { tenantId, entityId }: EntityJob,
  { afterId, more }: { afterId: string; more: number },
): Promise<void> {
  await tx.query(
    `update conversion set after_id = $3, done = done + $4, worked_at = now() where tenant_id = $1 and entity_id = $2`,
    [tenantId, entityId, afterId, more],
  )
}

/** Says that the worker is alive. */
export async function noteWork(tx: Queryable, { tenantId, entityId }: EntityJob): Promise<void> {
  const text = `update conversion set worked_at = now(), resting = false
    where tenant_id = $1 and entity_id = $2`
  await tx.query(text, [tenantId, entityId])
}

/** Lets the change rest for so many seconds: something stands in its way. */
export async function blockConversion(
  tx: Queryable,
  { tenantId, entityId }: EntityJob,
  { planId, seconds }: Pick<Conversion, 'planId'> & { seconds: number },
): Promise<void> {
  await tx.query(
    `update conversion set resting = true, worker = null, due_at = now() + make_interval(secs => $3)
     where tenant_id = $1 and entity_id = $2`,
    [tenantId, entityId, seconds],
  )
  await movePlan(tx, { tenantId, id: entityId }, { plan: planId, from: ['filling'], to: 'blocked' })
}

export async function deleteConversion(tx: Queryable, { tenantId, id }: EntityId): Promise<void> {
  await tx.query('delete from conversion where tenant_id = $1 and entity_id = $2', [tenantId, id])
}
