// Tenants in the database: rows in and out, and changes. A change runs inside a transaction that an operator has begun in
// their own tenant, and moves it into the other. Refuses a name in use, a missing tenant and the end of `default`.
import { v7 as uuid } from 'uuid'
import { type Account, insertAccount } from '../auth/account-store.ts'
import { normalizeUsername } from '../auth/login-name.ts'
import type { Quotas } from '../db/scope.ts'
import type { Queryable, Statement, TextRow } from '../db/statement.ts'
import { DEFAULT_TENANT } from '../db/tenant.ts'
import { toIsoTimestamp } from '../db/timestamp.ts'
import { isUniqueViolation } from '../errors/codes.ts'
import { errors } from '../errors.ts'
import { mergeQuotas, type QuotaChanges } from '../quotas/quota.ts'
import { setQuotas } from '../quotas/quota-store.ts'

export interface Tenant {
  id: string
  name: string
  active: boolean
  /** ISO 8601, UTC. */
  createdAt: string
  quotas: Quotas
}

export interface TenantChanges {
  active?: boolean
  quotas?: QuotaChanges
}

export interface NewTenant {
  name: string
  quotas?: QuotaChanges | undefined
  admin: { username: string; passwordHash: string }
}

const COLUMNS = 'id::text, name, active::text, created_at::text, quotas::text'

/** All tenants that are not deleted, by name. */
export const selectTenants = (limit: number, offset: number): Statement => ({
  text: `select ${COLUMNS} from list_tenants($1, $2)`,
  values: [limit, offset],
})

export const selectTenant = (name: string): Statement => ({
  text: `select ${COLUMNS} from tenant_by_name($1)`,
  values: [name],
})

export function toTenant(row: TextRow): Tenant {
  const [id, name, active, createdAt, quotas] = row as [string, string, string, string, string]
  return {
    id,
    name,
    active: active === 'true',
    createdAt: toIsoTimestamp(createdAt),
    quotas: JSON.parse(quotas) as Quotas,
  }
}

async function one(tx: Queryable, text: string, values: unknown[]): Promise<Tenant> {
  const { rows } = await tx.query<{ row: TextRow }>(text, values)
  if (rows[0] === undefined) throw errors.tenantNotFound()
  return toTenant(rows[0].row)
}

/** Inserts a tenant together with its first admin; errors.tenantExists. */
export async function insertTenant(
  tx: Queryable,
  { name, admin, quotas = {} }: NewTenant,
): Promise<{ tenant: Tenant; admin: Account }> {
  const id = uuid()
  await tx.query('select enter_new_tenant($1, $2)', [id, name]).catch((error) => {
    throw isUniqueViolation(error) ? errors.tenantExists(name) : error
  })
  await setQuotas(tx, id, { before: {}, after: mergeQuotas({}, quotas) })
  const account = { ...admin, id: uuid(), username: normalizeUsername(admin.username), role: 'admin' }
  const tenant = await one(tx, `select array[${COLUMNS}] as row from tenant where id = $1`, [id])
  return { tenant, admin: await insertAccount(tx, id, account) }
}

/** Moves the transaction into the tenant and begins a new epoch, so that the next request of every token is checked again. */
function enter(tx: Queryable, name: string): Promise<Tenant> {
  return one(tx, `select array[${COLUMNS}] as row from enter_tenant_change($1)`, [name])
}

/** Suspends or resumes a tenant, sets its quotas; errors.tenantNotFound, errors.defaultTenant. */
export async function updateTenant(tx: Queryable, name: string, changes: TenantChanges): Promise<Tenant> {
  if (name === DEFAULT_TENANT && changes.active === false) throw errors.defaultTenant()
  const { id, quotas } = await enter(tx, name)
  if (changes.quotas !== undefined)
    await setQuotas(tx, id, { before: quotas, after: mergeQuotas(quotas, changes.quotas) })
  return one(
    tx,
    `update tenant set active = coalesce($2, active) where id = $1 returning array[${COLUMNS}] as row`,
    [id, changes.active],
  )
}

/** Marks a tenant as deleted: no statement can enter it, its name is free; errors.tenantNotFound, errors.defaultTenant. */
export async function markDeleted(tx: Queryable, name: string): Promise<void> {
  if (name === DEFAULT_TENANT) throw errors.defaultTenant()
  const { id } = await enter(tx, name)
  await tx.query('update tenant set active = false, deleted_at = now() where id = $1', [id])
}
