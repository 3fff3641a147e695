// Permissions in the database: rows in and out. Reads are statements for a tenant's scope; writes run inside a change of the
// tenant's metadata.
import { column, columns, orNull } from '../db/columns.ts'
import type { Queryable, Statement, TextRow } from '../db/statement.ts'
import type { Entity } from '../entities/entity.ts'
import { type DefaultAccess, defaultPermission, type Permission, type Permissions } from './permission.ts'

const OF_ROLE = columns<{ entityId: number | null; permission: Permission | DefaultAccess }>({
  entityId: orNull(column.integer('entity_id')),
  permission: column.json('definition'),
})

/** The permissions of a role, one row for each entity, and its default access without one, if the tenant has set it. */
export const selectPermissions = (tenantId: string, role: string): Statement => ({
  text: `select ${OF_ROLE.list} from (
    select entity_id, definition from permission where tenant_id = $1 and role = $2
    union all select null, to_jsonb(access) from role_default where tenant_id = $1 and role = $2) as of_role`,
  values: [tenantId, role],
})

export function toPermissions(role: string, rows: readonly TextRow[]): Permissions {
  const stored = new Map<number, Permission>()
  let fallback = defaultPermission(role)
  for (const { entityId, permission: said } of rows.map(OF_ROLE.decode)) {
    const permission = typeof said === 'string' ? defaultPermission(role, said) : said
    if (entityId === null) fallback = permission
    else stored.set(entityId, permission)
  }
  return { stored, fallback }
}

const ROLE_DEFAULT = columns<{ role: string; access: DefaultAccess }>({
  role: column.text('role'),
  access: column.json('to_jsonb(access)'),
})

/** The default accesses that a tenant has set. */
export const selectRoleDefaults = (tenantId: string): Statement => ({
  text: `select ${ROLE_DEFAULT.list} from role_default where tenant_id = $1`,
  values: [tenantId],
})

export function toRoleDefaults(rows: readonly TextRow[]): Map<string, DefaultAccess> {
  return new Map(rows.map(ROLE_DEFAULT.decode).map(({ role, access }) => [role, access]))
}

/** Sets what a role may do with entities for which no permission of it is stored. */
export async function saveRoleDefault(
  tx: Queryable,
  tenantId: string,
  role: string,
  access: DefaultAccess,
): Promise<void> {
  await tx.query(
    `insert into role_default (tenant_id, role, access) values ($1, $2, $3)
     on conflict (tenant_id, role) do update set access = excluded.access`,
    [tenantId, role, access],
  )
}

const OF_ENTITY = columns<{ role: string; permission: Permission }>({
  role: column.text('role'),
  permission: column.json('definition'),
})

/** The permissions for an entity, one row for each role. */
export const selectEntityPermissions = ({ tenantId, id }: Entity): Statement => ({
  text: `select ${OF_ENTITY.list} from permission where tenant_id = $1 and entity_id = $2 order by role`,
  values: [tenantId, id],
})

export function toEntityPermissions(rows: readonly TextRow[]): Map<string, Permission> {
  return new Map(rows.map(OF_ENTITY.decode).map(({ role, permission }) => [role, permission]))
}

/** Inserts or replaces the permission of a role for an entity. */
export async function savePermission(
  tx: Queryable,
  { tenantId, id }: Entity,
  role: string,
  permission: Permission,
): Promise<void> {
  await tx.query(
    `insert into permission (tenant_id, entity_id, role, definition) values ($1, $2, $3, $4)
     on conflict (tenant_id, role, entity_id) do update set definition = excluded.definition, updated_at = now()`,
    [tenantId, id, role, JSON.stringify(permission)],
  )
}

/** Deletes a permission, so that the role has its default one. */
export async function deletePermission(tx: Queryable, { tenantId, id }: Entity, role: string): Promise<void> {
  await tx.query('delete from permission where tenant_id = $1 and entity_id = $2 and role = $3', [
    tenantId,
    id,
    role,
  ])
}
