// Entities in the database: their rows in and out. Reads are statements for app.db.read; writes run inside app.db.change.

import { count } from '../db/quota-counters.ts'
import type { TenantScope } from '../db/scope.ts'
import type { Queryable, Statement, TextRow } from '../db/statement.ts'
import { toIsoTimestamp } from '../db/timestamp.ts'
import type { Entity, EntityDefinition } from '../entities/entity.ts'
import { needsFill, type Slots } from '../entities/slots.ts'

const COLUMNS = 'id::text, name, version::text, definition::text, created_at::text, updated_at::text'

export const selectEntity = (tenantId: string, name: string): Statement => ({
  text: `select ${COLUMNS} from entity where tenant_id = $1 and name = $2`,
  values: [tenantId, name],
})

export const selectEntities = (tenantId: string): Statement => ({
  text: `select ${COLUMNS} from entity where tenant_id = $1 order by name`,
  values: [tenantId],
})

/** An entity from a row of selectEntity or selectEntities. */
export function toEntity(tenantId: string, row: TextRow): Entity {
  const [id, name, version, definition, createdAt, updatedAt] = row as string[]
  return {
    ...(JSON.parse(definition as string) as EntityDefinition),
    tenantId,
    id: Number(id),
    name: name as string,
    version: Number(version),
    createdAt: toIsoTimestamp(createdAt as string),
    updatedAt: toIsoTimestamp(updatedAt as string),
  }
}

async function one(tx: Queryable, tenantId: string, text: string, values: unknown[]): Promise<Entity | null> {
  const { rows } = await tx.query<{ row: TextRow }>(text, values)
  return rows[0] === undefined ? null : toEntity(tenantId, rows[0].row)
}

const ROW =
  'array[id::text, name, version::text, definition::text, created_at::text, updated_at::text] as row'

export function findEntity(tx: Queryable, tenantId: string, name: string): Promise<Entity | null> {
  return one(tx, tenantId, `select ${ROW} from entity where tenant_id = $1 and name = $2`, [tenantId, name])
}

/** Names of the tenant's entities, or of those among the given. */
export async function entityNames(tx: Queryable, tenantId: string, among?: string[]): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>(
    `select name from entity where tenant_id = $1 ${among === undefined ? '' : 'and name = any($2)'}`,
    among === undefined ? [tenantId] : [tenantId, among],
  )
  return rows.map(({ name }) => name)
}

/** Every entity of the tenant, by name. */
export async function listEntities(tx: Queryable, tenantId: string): Promise<Entity[]> {
  const { rows } = await tx.query<{ row: TextRow }>(
    `select ${ROW} from entity where tenant_id = $1 order by name`,
    [tenantId],
  )
  return rows.map(({ row }) => toEntity(tenantId, row))
}

export async function insertEntity(
  tx: Queryable,
  tenantId: string,
  name: string,
  definition: EntityDefinition,
): Promise<Entity> {
  const text = `insert into entity (tenant_id, name, definition) values ($1, $2, $3) returning ${ROW}`
  return (await one(tx, tenantId, text, [tenantId, name, JSON.stringify(definition)])) as Entity
}

/** Stores the next version of an entity's definition. */
export async function updateEntity(
  tx: Queryable,
  entity: Entity,
  definition: EntityDefinition,
): Promise<Entity> {
  const text = `update entity set definition = $3, version = version + 1, updated_at = now()
    where tenant_id = $1 and id = $2 returning ${ROW}`
  const values = [entity.tenantId, entity.id, JSON.stringify(definition)]
  return (await one(tx, entity.tenantId, text, values)) as Entity
}

/** Changes who has which index slot: no new version, since nothing of it shows in the definition. */
export async function updateSlots(
  tx: Queryable,
  { tenantId, id }: Pick<Entity, 'tenantId' | 'id'>,
  slots: EntityDefinition['slots'],
): Promise<void> {
  await tx.query(
    `update entity set definition = jsonb_set(definition, '{slots}', $3) where tenant_id = $1 and id = $2`,
    [tenantId, id, JSON.stringify(slots)],
  )
}

/** Deletes an entity with all its records; the caller has made sure that nothing refers to them. */
export async function deleteEntity(tx: Queryable, tenant: TenantScope, entity: Entity): Promise<void> {
  const scope = [entity.tenantId, entity.id]
  await tx.query('select pg_advisory_xact_lock($1)', [entity.id])
  await tx.query('set local statement_timeout = 0')
  await tx.query('delete from link where tenant_id = $1 and from_entity = $2', scope)
  // What fields of others that were dropped since have left behind.
  await tx.query('delete from link where tenant_id = $1 and to_entity = $2', scope)
  const { rowCount } = await tx.query('delete from record where tenant_id = $1 and entity_id = $2', scope)
  await count(tx, tenant, 'records', -(rowCount ?? 0))
  await tx.query('delete from entity where tenant_id = $1 and id = $2', scope)
}

/** Queues the entity when the new slots ask for it: in the transaction that changes them, with writers locked out. */
export async function queueFill(tx: Queryable, entity: Entity, after: Slots): Promise<void> {
  if (!needsFill(entity.slots, after)) return
  await tx.query(
    `insert into slot_fill (tenant_id, entity_id) values ($1, $2)
     on conflict (tenant_id, entity_id) do update set after_id = default`,
    [entity.tenantId, entity.id],
  )
}
