// Tenants in the database: rows in and out, and changes. A change runs inside a transaction that an operator has begun in
// their own tenant, and moves it into the other. Refuses a name in use, a missing tenant and the end of `default`.
import { v7 as uuid } from 'uuid'
import { type Account, insertAccount } from '../auth/account-store.ts'
import { normalizeUsername } from '../auth/login-name.ts'
import { column, columns } from '../db/columns.ts'
import type { Quotas } from '../db/scope.ts'
import type { Statement, Transaction } from '../db/statement.ts'
import { DEFAULT_TENANT } from '../db/tenant.ts'
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

const TENANT = columns<Tenant>({
  id: column.text('id'),
  name: column.text('name'),
  active: column.boolean('active'),
  createdAt: column.timestamp('created_at'),
  quotas: column.json('quotas'),
})

export const toTenant = TENANT.decode

/** All tenants that are not deleted, by name. */
export const selectTenants = (limit: number, offset: number): Statement => ({
  text: `select ${TENANT.list} from list_tenants($1, $2)`,
  values: [limit, offset],
  acrossTenants: true,
})

export const selectTenant = (name: string): Statement => ({
  text: `select ${TENANT.list} from tenant_by_name($1)`,
  values: [name],
  acrossTenants: true,
})

async function one(tx: Transaction, statement: Statement): Promise<Tenant> {
  const [row] = await tx.read(statement)
  if (row === undefined) throw errors.tenantNotFound()
  return toTenant(row)
}

/** Inserts a tenant together with its first admin; errors.tenantExists. */
export async function insertTenant(
  tx: Transaction,
  { name, admin, quotas = {} }: NewTenant,
): Promise<{ tenant: Tenant; admin: Account }> {
  const id = uuid()
  await tx.query('select enter_new_tenant($1, $2)', [id, name]).catch((error) => {
    throw isUniqueViolation(error) ? errors.tenantExists(name) : error
  })
  await setQuotas(tx, id, { before: {}, after: mergeQuotas({}, quotas) })
  const account = { ...admin, id: uuid(), username: normalizeUsername(admin.username), role: 'admin' }
  const tenant = await one(tx, { text: `select ${TENANT.list} from tenant where id = $1`, values: [id] })
  return { tenant, admin: await insertAccount(tx, id, account) }
}

/** Moves the transaction into the tenant and begins a new epoch, so that the next request of every token is checked again. */
function enter(tx: Transaction, name: string): Promise<Tenant> {
  return one(tx, { text: `select ${TENANT.list} from enter_tenant_change($1)`, values: [name] })
}

/** Suspends or resumes a tenant, sets its quotas; errors.tenantNotFound, errors.defaultTenant. */
export async function updateTenant(tx: Transaction, name: string, changes: TenantChanges): Promise<Tenant> {
  if (name === DEFAULT_TENANT && changes.active === false) throw errors.defaultTenant()
  const { id, quotas } = await enter(tx, name)
  if (changes.quotas !== undefined)
    await setQuotas(tx, id, { before: quotas, after: mergeQuotas(quotas, changes.quotas) })
  const text = `with t as (update tenant set active = coalesce($2, active) where id = $1 returning *)
    select ${TENANT.list} from t`
  return one(tx, { text, values: [id, changes.active] })
}

/** Marks a tenant as deleted: no statement can enter it, its name is free; errors.tenantNotFound, errors.defaultTenant. */
export async function markDeleted(tx: Transaction, name: string): Promise<void> {
  if (name === DEFAULT_TENANT) throw errors.defaultTenant()
  const { id } = await enter(tx, name)
  await tx.query('update tenant set active = false, deleted_at = now() where id = $1', [id])
  await tx.query('delete from directory where tenant_id = $1', [id])
}
