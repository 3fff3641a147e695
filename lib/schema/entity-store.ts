// Entities in the database: their rows in and out. Reads are statements for a tenant's scope; writes run inside a change of
// the tenant's metadata.

import { column, columns, oneRow } from '../db/columns.ts'
import type { Queryable, Statement, TextRow, Transaction } from '../db/statement.ts'
import type { SlotFill } from '../db/tenant-directory.ts'
import type { Entity, EntityDefinition, FieldAlias } from '../entities/entity.ts'
import { needsFill, type Slots } from '../entities/slots.ts'

interface EntityRow extends Pick<Entity, 'id' | 'name' | 'version' | 'createdAt' | 'updatedAt'> {
  definition: EntityDefinition
}

export const ENTITY_ROW = columns<EntityRow>({
  id: column.integer('id'),
  name: column.text('name'),
  version: column.integer('version'),
  definition: column.json('definition'),
  createdAt: column.timestamp('created_at'),
  updatedAt: column.timestamp('updated_at'),
})

export const selectEntity = (tenantId: string, name: string): Statement => ({
  text: `select ${ENTITY_ROW.list} from entity where tenant_id = $1 and name = $2 and deleted_at is null`,
  values: [tenantId, name],
  cost: 'row',
})

/** Also one that is hidden. */
export const selectEntityById = (tenantId: string, id: number): Statement => ({
  text: `select ${ENTITY_ROW.list} from entity where tenant_id = $1 and id = $2`,
  values: [tenantId, id],
  cost: 'row',
})

export const selectEntities = (tenantId: string): Statement => ({
  text: `select ${ENTITY_ROW.list} from entity where tenant_id = $1 and deleted_at is null order by name`,
  values: [tenantId],
})

const selectHiddenEntities = (tenantId: string): Statement => ({
  text: `select ${ENTITY_ROW.list} from entity where tenant_id = $1 and deleted_at is not null`,
  values: [tenantId],
})

/** An entity from a row of selectEntity or selectEntities. */
export function toEntity(tenantId: string, row: TextRow): Entity {
  const { definition, ...own } = ENTITY_ROW.decode(row)
  // As in the cache, where every member of a definition is there.
  const none = { purgedKeys: undefined, aliases: undefined, orderedByTime: undefined, formerKeys: undefined }
  return { ...none, ...definition, tenantId, ...own }
}

/** The tenant's entity of that name; null: there is none. */
export async function findEntity(tx: Transaction, tenantId: string, name: string): Promise<Entity | null> {
  const [row] = await tx.read(selectEntity(tenantId, name))
  return row === undefined ? null : toEntity(tenantId, row)
}

/** The entity of that id, also one that is hidden; undefined: there is none. */
export async function findEntityById(
  tx: Transaction,
  { tenantId, entityId }: Pick<SlotFill, 'tenantId' | 'entityId'>,
): Promise<Entity | undefined> {
  const [row] = await tx.read(selectEntityById(tenantId, entityId))
  return row && toEntity(tenantId, row)
}

/** Names of the tenant's entities, or of those among the given. */
export async function entityNames(tx: Queryable, tenantId: string, among?: string[]): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>(
    `select name from entity where tenant_id = $1 and deleted_at is null ${among === undefined ? '' : 'and name = any($2)'}`,
    among === undefined ? [tenantId] : [tenantId, among],
  )
  return rows.map(({ name }) => name)
}

/** Those of the tenant's entities, by name. */
export async function entitiesNamed(
  tx: Transaction,
  tenantId: string,
  names: readonly string[],
): Promise<Map<string, Entity>> {
  const found = new Map<string, Entity>()
  for (const name of new Set(names)) {
    const entity = await findEntity(tx, tenantId, name)
    if (entity !== null) found.set(name, entity)
  }
  return found
}

/** Every entity of the tenant, ordered by name. */
export async function listEntities(tx: Transaction, tenantId: string): Promise<Entity[]> {
  const rows = await tx.read(selectEntities(tenantId))
  return rows.map((row) => toEntity(tenantId, row))
}

/** Every deleted entity of the tenant that is not yet purged. */
export async function listHiddenEntities(tx: Transaction, tenantId: string): Promise<Entity[]> {
  const rows = await tx.read(selectHiddenEntities(tenantId))
  return rows.map((row) => toEntity(tenantId, row))
}

/** Inserts an entity; its name must be free. */
export async function insertEntity(
  tx: Transaction,
  tenantId: string,
  name: string,
  definition: EntityDefinition,
): Promise<Entity> {
  const text = `insert into entity (tenant_id, name, definition) values ($1, $2, $3) returning ${ENTITY_ROW.list}`
  const values = [tenantId, name, JSON.stringify(definition)]
  return toEntity(tenantId, oneRow(await tx.read({ text, values })))
}

/** Stores the next version of an entity's definition, and its name. */
export async function updateEntity(
  tx: Transaction,
  entity: Pick<Entity, 'tenantId' | 'id' | 'name'>,
  definition: EntityDefinition,
): Promise<Entity> {
  const text = `update entity set definition = $3, name = $4, version = version + 1, updated_at = now()
    where tenant_id = $1 and id = $2 returning ${ENTITY_ROW.list}`
  const values = [entity.tenantId, entity.id, JSON.stringify(definition), entity.name]
  return toEntity(entity.tenantId, oneRow(await tx.read({ text, values })))
}

/** Sets the index slots of the fields; no new version, since the published definition does not show them. */
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

/** Sets the former names of the fields; no new version, since what the definition says of records stays. */
export async function updateAliases(
  tx: Queryable,
  { tenantId, id }: Pick<Entity, 'tenantId' | 'id'>,
  aliases: readonly FieldAlias[],
): Promise<void> {
  const set = aliases.length === 0 ? `definition - 'aliases'` : `jsonb_set(definition, '{aliases}', $3)`
  const values = [tenantId, id, ...(aliases.length === 0 ? [] : [JSON.stringify(aliases)])]
  await tx.query(`update entity set definition = ${set} where tenant_id = $1 and id = $2`, values)
}

/** Sets the keys of purged fields; no new version, since the published definition does not show them. */
export async function updatePurgedKeys(
  tx: Queryable,
  { tenantId, id }: Pick<Entity, 'tenantId' | 'id'>,
  keys: readonly string[],
): Promise<void> {
  await tx.query(
    `update entity set definition = jsonb_set(definition, '{purgedKeys}', $3) where tenant_id = $1 and id = $2`,
    [tenantId, id, JSON.stringify(keys)],
  )
}

/** Has the entity ordered by time from now on; no new version, since the published definition does not show it. */
export async function markOrderedByTime(
  tx: Queryable,
  { tenantId, id }: Pick<Entity, 'tenantId' | 'id'>,
): Promise<void> {
  await tx.query(
    `update entity set definition = jsonb_set(definition, '{orderedByTime}', 'true') where tenant_id = $1 and id = $2`,
    [tenantId, id],
  )
}

/** Queues the entity if the new slots have to be filled; in the transaction that changes them, with writers locked out. */
export async function queueFill(tx: Queryable, entity: Entity, after: Slots): Promise<void> {
  if (!needsFill(entity.slots, after)) return
  await tx.query(
    `insert into slot_fill (tenant_id, entity_id) values ($1, $2)
     on conflict (tenant_id, entity_id) do update set after_id = default`,
    [entity.tenantId, entity.id],
  )
}

/**
 * Queues the entity for the removal of sort keys that its records need no longer; a minute later, since statements that began
 * before may still read them.
 */
export async function queueKeyFill(
  tx: Queryable,
  { tenantId, id }: Pick<Entity, 'tenantId' | 'id'>,
): Promise<void> {
  await tx.query(
    `insert into key_fill (tenant_id, entity_id, due_at) values ($1, $2, now() + interval '1 minute')
     on conflict (tenant_id, entity_id) do update set after_id = default, again = false, due_at = excluded.due_at`,
    [tenantId, id],
  )
}
