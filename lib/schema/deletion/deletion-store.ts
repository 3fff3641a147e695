// Deleted entities in the database: hidden with everything that belongs to them, until they come back or are purged.
import { column, columns } from '../../db/columns.ts'
import type { Queryable, Statement, TextRow, Transaction } from '../../db/statement.ts'
import { ENTITY_NAME, type Entity, type FieldAlias } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import { ENTITY_ROW, toEntity } from '../entity-store.ts'

/** Days for which a deleted entity can come back. */
const KEPT_DAYS = 30

/** Deleted entities of a tenant that can come back: a definition may have a megabyte, and no quota counts them. */
const MOST_KEPT = 100

/** A former name of the entity itself. */
export type FormerEntityName = Pick<FieldAlias, 'name' | 'since' | 'until'>

/** When a deleted entity was deleted, and when it is purged: ISO 8601, UTC. */
interface DeletionTimes {
  deletedAt: string
  purgeAt: string
}

/** A deleted entity that can still come back. */
export interface Deletion extends DeletionTimes {
  entity: Entity
}

/** Which deleted entity: the last of that name, or the one that was deleted at that moment. */
export interface Deleted {
  name: string
  deletedAt?: string | undefined
}

type EntityId = Pick<Entity, 'tenantId' | 'id'>

const TIMES = columns<DeletionTimes>({
  deletedAt: column.timestamp('e.deleted_at'),
  purgeAt: column.timestamp('d.due_at'),
})

/** Of a deletion `d`: its purge has not begun. */
export const CAN_COME_BACK = 'd.due_at > now() and d.worker is null'

/** The tenant's deleted entities that can come back, or those of a name; last deleted first. */
export const selectDeletions = (tenantId: string, name?: string): Statement => ({
  text: `select ${ENTITY_ROW.list}, ${TIMES.list}
    from entity e join entity_deletion d on d.tenant_id = e.tenant_id and d.entity_id = e.id
    where e.tenant_id = $1 and ${name === undefined ? '' : 'e.name = $2 and'} ${CAN_COME_BACK}
    order by e.deleted_at desc`,
  values: name === undefined ? [tenantId] : [tenantId, name],
})

export function toDeletion(tenantId: string, row: TextRow): Deletion {
  return { entity: toEntity(tenantId, row), ...TIMES.decode(row.slice(-2)) }
}

/** The deleted entity; errors.deletedEntityNotFound. */
export async function findDeletion(tx: Transaction, tenantId: string, { name, deletedAt }: Deleted) {
  const rows = ENTITY_NAME.test(name) ? await tx.read(selectDeletions(tenantId, name)) : []
  const found = rows
    .map((row) => toDeletion(tenantId, row))
    .find((one) => (deletedAt ?? one.deletedAt) === one.deletedAt)
  if (found === undefined) throw errors.deletedEntityNotFound(name)
  return found
}

/** Has the purge of those begin now that were deleted first, when there are too many. */
async function limitKept(tx: Queryable, tenantId: string): Promise<void> {
  await tx.query(
    `update entity_deletion set due_at = now() where tenant_id = $1 and entity_id in (
       select d.entity_id from entity_deletion d where d.tenant_id = $1 and ${CAN_COME_BACK}
       order by d.due_at desc, d.entity_id desc offset ${MOST_KEPT})`,
    [tenantId],
  )
}

/**
 * Hides an entity: its name, and its former ones, are free. Answers when its purge begins.
 *
 * @param purge whether it begins at once
 */
export async function hideEntity(tx: Queryable, { tenantId, id }: EntityId, purge: boolean): Promise<Date> {
  const scope = [tenantId, id]
  await tx.query('update entity set deleted_at = now() where tenant_id = $1 and id = $2', scope)
  const { rows } = await tx.query<{ due_at: Date }>(
    `with own as (delete from name_alias where tenant_id = $1 and entity_id = $2 and key = '' returning *)
     insert into entity_deletion (tenant_id, entity_id, due_at, former_names)
     select $1, $2, now() + $3 * interval '1 day', coalesce(jsonb_agg(
       jsonb_build_object('name', name, 'since', since, 'until', until) order by since), '[]') from own
     returning due_at`,
    [...scope, purge ? 0 : KEPT_DAYS],
  )
  await limitKept(tx, tenantId)
  return (rows[0] as { due_at: Date }).due_at
}

/** Has the purge of a deleted entity begin now. */
export async function hastenPurge(tx: Queryable, { tenantId, id }: EntityId): Promise<void> {
  const text = 'update entity_deletion set due_at = now() where tenant_id = $1 and entity_id = $2'
  await tx.query(text, [tenantId, id])
}

/** Makes an entity visible again, under a name that is free; its former names. errors.deletedEntityNotFound. */
export async function revealEntity(tx: Queryable, entity: Entity): Promise<FormerEntityName[]> {
  const scope = [entity.tenantId, entity.id]
  // The row may have been claimed for the purge since it was read.
  const { rows } = await tx.query<{ former_names: FormerEntityName[] }>(
    `delete from entity_deletion d where d.tenant_id = $1 and d.entity_id = $2 and ${CAN_COME_BACK}
     returning d.former_names`,
    scope,
  )
  if (rows[0] === undefined) throw errors.deletedEntityNotFound(entity.name)
  const text = 'update entity set deleted_at = null, name = $3 where tenant_id = $1 and id = $2'
  await tx.query(text, [...scope, entity.name])
  return rows[0].former_names
}
