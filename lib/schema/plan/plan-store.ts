// Plans in the database: made by a preview, carried out by a change that names them. The last ones of an entity are kept, for
// 24 hours or, once they are carried out, until there are newer ones.
import { randomBytes } from 'node:crypto'
import { column, columns, oneRow, orNull } from '../../db/columns.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable, Statement, TenantDb, Transaction } from '../../db/statement.ts'
import type { Entity } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import type { VersionAuthor } from '../version-store.ts'
import type { Seal } from './seal.ts'

export type PlanState = 'checking' | 'planned' | 'filling' | 'blocked' | 'applied' | 'failed' | 'cancelled'

export type PlanKind = 'change' | 'rollback' | 'purge'

export interface StoredPlan {
  id: string
  kind: PlanKind
  state: PlanState
  baseVersion: number
  seal: Seal
  report: object
  progress: object | null
  /** ISO 8601, UTC. */
  createdAt: string
  expiresAt: string
  createdBy: string | null
  author: string | null
}

/** A check that has said nothing for so long is broken off. */
const SILENCE = "interval '45 seconds'"

const PLAN_ROW = columns<StoredPlan>({
  id: column.text('p.id'),
  kind: column.text('p.kind') as never,
  state: column.text(
    `case when p.state = 'checking' and p.worked_at < now() - ${SILENCE} then 'failed' else p.state end`,
  ) as never,
  baseVersion: column.integer('p.base_version'),
  seal: column.json('p.seal'),
  report: column.json('p.report'),
  progress: orNull(column.json<object>('p.progress')),
  createdAt: column.timestamp('p.created_at'),
  expiresAt: column.timestamp('p.expires_at'),
  createdBy: orNull(column.text('p.created_by')),
  author: orNull(column.text('p.author')),
})

type EntityId = Pick<Entity, 'tenantId' | 'id'>

const PLAN_ID = /^p_[0-9a-f]{32}$/

/** Characters of what is no id that a refusal repeats. */
const LONGEST_SHOWN = 40

/** Plans that are kept of an entity. */
const MOST_KEPT = 10

/** Not over yet, whatever its state; one that was carried out stays to be read. */
const ALIVE = `(p.expires_at > now() or p.state in ('filling', 'blocked', 'applied', 'cancelled'))`

const selectPlans = ({ tenantId, id }: EntityId): Statement => ({
  text: `select ${PLAN_ROW.list} from plan p where p.tenant_id = $1 and p.entity_id = $2 and ${ALIVE}
    order by p.created_at desc, p.id limit ${MOST_KEPT}`,
  values: [tenantId, id],
})

const selectPlan = ({ tenantId, id }: EntityId, plan: string): Statement => ({
  text: `select ${PLAN_ROW.list} from plan p
    where p.tenant_id = $1 and p.entity_id = $2 and p.id = $3 and ${ALIVE}`,
  values: [tenantId, id, plan],
})

/** The entity's plans, newest first. */
export async function listPlans(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  entity: EntityId,
): Promise<StoredPlan[]> {
  return (await db.read(scope, selectPlans(entity))).map(PLAN_ROW.decode)
}

/** One of the entity's plans; errors.planNotFound. */
export async function findPlan(
  db: Pick<TenantDb, 'read'> | Pick<Transaction, 'read'>,
  scope: TenantScope | undefined,
  { entity, id }: { entity: EntityId; id: string },
): Promise<StoredPlan> {
  if (!PLAN_ID.test(id)) throw errors.planNotFound(id.slice(0, LONGEST_SHOWN))
  const statement = selectPlan(entity, id)
  const [row] = await (scope === undefined
    ? (db as Pick<Transaction, 'read'>).read(statement)
    : (db as Pick<TenantDb, 'read'>).read(scope, statement))
  if (row === undefined) throw errors.planNotFound(id)
  return PLAN_ROW.decode(row)
}

export interface NewPlan {
  kind: PlanKind
  state: PlanState
  author: VersionAuthor
  seal?: Seal
  hash?: string
  report?: object
}

/** Stores a plan of the entity as it is; the oldest go when there are too many. */
export async function insertPlan(tx: Transaction, entity: Entity, plan: NewPlan): Promise<StoredPlan> {
  const { tenantId, id: entityId, version } = entity
  const { kind, state, seal = {}, hash = null, report = {}, author } = plan
  const id = `p_${randomBytes(16).toString('hex')}`
  const inserted = await tx.read({
    text: `insert into plan as p (tenant_id, entity_id, id, kind, state, base_version, seal, hash, report, created_by, author)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning ${PLAN_ROW.list}`,
    values: [
      ...[tenantId, entityId, id, kind, state, version, JSON.stringify(seal), hash, JSON.stringify(report)],
      ...[author?.id ?? null, author?.username ?? null],
    ],
  })
  await tx.query(
    `delete from plan where tenant_id = $1 and entity_id = $2 and state not in ('filling', 'blocked') and id not in (
       select id from plan where tenant_id = $1 and entity_id = $2 order by created_at desc, id limit ${MOST_KEPT})`,
    [tenantId, entityId],
  )
  return PLAN_ROW.decode(oneRow(inserted))
}

/** What a check has found; the answer is the plan as it is stored now. errors.planNotFound when it is gone. */
export async function finishCheck(
  tx: Transaction,
  entity: EntityId,
  { id, state, seal, hash, report }: Required<Omit<NewPlan, 'kind' | 'author'>> & { id: string },
): Promise<StoredPlan> {
  const [row] = await tx.read({
    text: `update plan p set state = $4, seal = $5, hash = $6, report = $7, progress = null, worked_at = now()
      where p.tenant_id = $1 and p.entity_id = $2 and p.id = $3 and p.state = 'checking' returning ${PLAN_ROW.list}`,
    values: [entity.tenantId, entity.id, id, state, JSON.stringify(seal), hash, JSON.stringify(report)],
  })
  if (row === undefined) throw errors.planNotFound(id)
  return PLAN_ROW.decode(row)
}

/** Says how far a plan's work has come. */
export const savePlanProgress = ({ tenantId, id }: EntityId, plan: string, progress: object): Statement => ({
  text: `update plan set progress = $4, worked_at = now() where tenant_id = $1 and entity_id = $2 and id = $3`,
  values: [tenantId, id, plan, JSON.stringify(progress)],
})

/** Moves a plan on; false: it is not in one of these states. */
export async function movePlan(
  tx: Queryable,
  { tenantId, id }: EntityId,
  { plan, from, to }: { plan: string; from: readonly PlanState[]; to: PlanState },
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `update plan set state = $4, worked_at = now() where tenant_id = $1 and entity_id = $2 and id = $3
       and state = any($5::text[])`,
    [tenantId, id, plan, to, from],
  )
  return rowCount === 1
}

/** errors.changeInProgress while a change of the entity is being carried out. */
export async function requireNoChange(tx: Queryable, { tenantId, id }: EntityId): Promise<void> {
  const { rows } = await tx.query<{ id: string }>(
    `select id from plan where tenant_id = $1 and entity_id = $2 and state in ('filling', 'blocked')`,
    [tenantId, id],
  )
  const [running] = rows
  if (running !== undefined) throw errors.changeInProgress(running.id)
}
