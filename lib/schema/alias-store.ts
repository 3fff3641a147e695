// Former names in the database: of fields and of entities, from when until when, and when each was last used.
import { column, columns, orNull } from '../db/columns.ts'
import type { TenantScope } from '../db/scope.ts'
import type { Queryable, Statement, TenantDb } from '../db/statement.ts'
import type { Entity, FieldAlias } from '../entities/entity.ts'

export interface StoredAlias extends FieldAlias {
  entityId: number
  /** ISO 8601, UTC. */
  lastUsedAt: string | null
}

export const ALIAS_ROW = columns<StoredAlias>({
  entityId: column.integer('entity_id'),
  key: column.text('key'),
  name: column.text('name'),
  since: column.timestamp('since'),
  until: column.timestamp('until'),
  lastUsedAt: orNull(column.timestamp('last_used_at')),
})

/** A former name, and the present name of the entity that it is of. */
export interface FormerName extends StoredAlias {
  present: string
}

type EntityId = Pick<Entity, 'tenantId' | 'id'>

/** The key under which an entity's own former names are stored. */
export const ENTITY_ITSELF = ''

const selectAliases = ({ tenantId, id }: EntityId): Statement => ({
  text: `select ${ALIAS_ROW.list} from name_alias a
    where a.tenant_id = $1 and a.entity_id = $2 order by a.since, a.name`,
  values: [tenantId, id],
})

export const selectTenantAliases = (tenantId: string): Statement => ({
  text: `select ${ALIAS_ROW.list} from name_alias where tenant_id = $1`,
  values: [tenantId],
})

/** The former names of the tenant's entities, or one of them. */
export const selectEntityAliases = (tenantId: string, name?: string): Statement => ({
  text: `select ${ALIAS_ROW.list} from name_alias where tenant_id = $1 and key = ''
    ${name === undefined ? '' : 'and name = $2'}`,
  values: name === undefined ? [tenantId] : [tenantId, name],
})

/** The former names of an entity and of its fields that are in force, oldest first. */
export async function listAliases(
  db: Pick<TenantDb, 'read'>,
  scope: TenantScope,
  entity: EntityId,
): Promise<StoredAlias[]> {
  return (await db.read(scope, selectAliases(entity))).map(ALIAS_ROW.decode)
}

/** Makes the former names of an entity's fields those of its definition. */
export async function saveFieldAliases(tx: Queryable, { tenantId, id, aliases = [] }: Entity): Promise<void> {
  await tx.query(
    `delete from name_alias where tenant_id = $1 and entity_id = $2 and key <> ''
       and (key, name) not in (select * from unnest($3::text[], $4::text[]))`,
    [tenantId, id, aliases.map(({ key }) => key), aliases.map(({ name }) => name)],
  )
  for (const alias of aliases) await saveAlias(tx, { tenantId, id }, alias)
}

export async function saveAlias(tx: Queryable, { tenantId, id }: EntityId, alias: FieldAlias): Promise<void> {
  await tx.query(
    `insert into name_alias (tenant_id, entity_id, key, name, since, until) values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant_id, entity_id, key, name) do update set since = excluded.since, until = excluded.until`,
    [tenantId, id, alias.key, alias.name, alias.since, alias.until],
  )
}

/** Removes a former name; false: there was none. */
export async function deleteAlias(tx: Queryable, { tenantId, id }: EntityId, name: string): Promise<boolean> {
  const text = 'delete from name_alias where tenant_id = $1 and entity_id = $2 and name = $3'
  return Boolean((await tx.query(text, [tenantId, id, name])).rowCount)
}

/** Notes that a former name was used just now. */
export const touchAlias = ({ tenantId, id }: EntityId, name: string): Statement => ({
  text: 'update name_alias set last_used_at = now() where tenant_id = $1 and entity_id = $2 and name = $3',
  values: [tenantId, id, name],
  cost: 'row',
})
