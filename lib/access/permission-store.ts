// Permissions in the database: rows in and out. Reads are statements for app.db.read; writes run inside app.db.transaction.
import type { Queryable, Statement, TextRow } from '../db/statement.ts'
import type { Entity } from '../entities/entity.ts'
import type { Permission, Permissions } from './permission.ts'

/** What a role may do with every entity. */
export const selectPermissions = (tenantId: string, role: string): Statement => ({
  text: 'select entity_id::text, definition::text from permission where tenant_id = $1 and role = $2',
  values: [tenantId, role],
})

export function toPermissions(rows: readonly TextRow[]): Permissions {
  return new Map(rows.map(([id, definition]) => [Number(id), JSON.parse(definition as string) as Permission]))
}

/** What every role may do with one entity. */
export const selectEntityPermissions = ({ tenantId, id }: Entity): Statement => ({
  text: 'select role, definition::text from permission where tenant_id = $1 and entity_id = $2 order by role',
  values: [tenantId, id],
})

export function toEntityPermissions(rows: readonly TextRow[]): Map<string, Permission> {
  return new Map(rows.map(([role, definition]) => [role as string, JSON.parse(definition as string)]))
}

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

/** Back to the default. */
export async function deletePermission(tx: Queryable, { tenantId, id }: Entity, role: string): Promise<void> {
  await tx.query('delete from permission where tenant_id = $1 and entity_id = $2 and role = $3', [
    tenantId,
    id,
    role,
  ])
}
