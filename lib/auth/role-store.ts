// The roles that a tenant has named: rows in and out. Writes run inside a change of the tenant's metadata. A role is deleted
// only while no account and no key has it, and its permissions are deleted with it.

import { BUILT_IN_ROLES, isBuiltIn } from '../access/roles.ts'
import { column, columns, oneRow, orNull } from '../db/columns.ts'
import type { TenantScope } from '../db/scope.ts'
import type { Queryable, Statement, TenantDb, Transaction } from '../db/statement.ts'
import type { Violation } from '../errors/problem.ts'
import { errors } from '../errors.ts'

export interface NamedRole {
  name: string
  description: string | null
  /** ISO 8601, UTC. */
  createdAt: string
}

const roleColumns = {
  name: column.text('name'),
  description: orNull(column.text('description')),
  createdAt: column.timestamp('created_at'),
}

const ROLE = columns<NamedRole>(roleColumns)

export const toRole = ROLE.decode

/** The roles of a tenant, by name. */
export const selectRoles = (tenantId: string): Statement => ({
  text: `select ${ROLE.list} from role where tenant_id = $1 order by name`,
  values: [tenantId],
})

export const selectRole = (tenantId: string, name: string): Statement => ({
  text: `select ${ROLE.list} from role where tenant_id = $1 and name = $2`,
  values: [tenantId, name],
})

/** With whether there was none before: changes of a tenant's metadata run one at a time. */
const SAVED_ROLE = columns<NamedRole & { made: boolean }>({
  ...roleColumns,
  made: column.boolean('not exists (select from known)'),
})

/** Inserts a role or changes its description, unless that is undefined; `made` is true for a new role. */
export async function saveRole(
  tx: Transaction,
  tenantId: string,
  { name, description }: { name: string; description?: string | null | undefined },
): Promise<{ role: NamedRole; made: boolean }> {
  const rows = await tx.read({
    text: `with known as (select from role where tenant_id = $1 and name = $2),
      saved as (insert into role (tenant_id, name, description) values ($1, $2, $3)
        on conflict (tenant_id, name) do update
          set description = case when $4 then excluded.description else role.description end
        returning *)
      select ${SAVED_ROLE.list} from saved`,
    values: [tenantId, name, description ?? null, description !== undefined],
  })
  const { made, ...role } = SAVED_ROLE.decode(oneRow(rows))
  return { role, made }
}

/** Inserts a role unless it exists. */
export async function nameRole(tx: Queryable, tenantId: string, name: string): Promise<void> {
  await tx.query('insert into role (tenant_id, name) values ($1, $2) on conflict do nothing', [
    tenantId,
    name,
  ])
}

/** The violation of a body whose `role` is not a role of the tenant. */
export function unknownRole(): Violation {
  const message = `must be ${BUILT_IN_ROLES.join(', ')} or a role that the tenant has named`
  return { pointer: '/role', keyword: 'enum', message }
}

/** Whether the role is built in or one that the tenant has named. */
export async function isKnownRole(db: TenantDb, tenant: TenantScope, name: string): Promise<boolean> {
  return isBuiltIn(name) || (await db.read(tenant, selectRole(tenant.id, name))).length > 0
}

/** As isKnownRole, inside a change of the tenant's metadata, during which no role is deleted; errors.invalidBody. */
export async function requireKnownRole(tx: Queryable, tenantId: string, name: string): Promise<void> {
  if (isBuiltIn(name)) return
  const { rows } = await tx.query('select 1 from role where tenant_id = $1 and name = $2', [tenantId, name])
  if (rows.length === 0) throw errors.invalidBody([unknownRole()])
}

/** Deletes a role with its permissions; errors.roleNotFound, errors.roleInUse. */
export async function deleteRole(tx: Queryable, tenantId: string, name: string): Promise<void> {
  const { rows } = await tx.query<{ holders: number }>(
    `select (select count(*) from account where tenant_id = $1 and role = $2)::int
       + (select count(*) from api_key where tenant_id = $1 and role = $2)::int as holders`,
    [tenantId, name],
  )
  const holders = rows[0]?.holders ?? 0
  if (holders > 0) throw errors.roleInUse(name, holders)
  const { rowCount } = await tx.query('delete from role where tenant_id = $1 and name = $2', [tenantId, name])
  if (rowCount === 0) throw errors.roleNotFound(name)
  for (const table of ['permission', 'role_default', 'upload_right'])
    await tx.query(`delete from ${table} where tenant_id = $1 and role = $2`, [tenantId, name])
}
