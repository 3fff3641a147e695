// Permissions in the database: rows in and out. Reads are statements for a tenant's scope; writes run inside a change of the
// tenant's metadata.
import { column, columns } from '../db/columns.ts'
import type { Queryable, Statement, TextRow } from '../db/statement.ts'
import type { Entity } from '../entities/entity.ts'
import type { Permission, Permissions } from './permission.ts'

const OF_ROLE = columns<{ entityId: number; permission: Permission }>({
  entityId: column.integer('entity_id'),
  permission: column.json('definition'),
})

/** The permissions of a role, one row for each entity. */
export const selectPermissions = (tenantId: string, role: string): Statement => ({
  text: `select ${OF_ROLE.list} from permission where tenant_id = $1 and role = $2`,
  values: [tenantId, role],
})

export function toPermissions(rows: readonly TextRow[]): Permissions {
  return new Map(rows.map(OF_ROLE.decode).map(({ entityId, permission }) => [entityId, permission]))
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
