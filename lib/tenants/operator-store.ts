// The tenants of the platform, as its operators manage them. A change is one transaction, begun in the operator's own tenant
// with an audit entry there, and moved into the other tenant.
import { type AuditEvent, recordAudit } from '../audit/audit-store.ts'
import type { Account } from '../auth/account-store.ts'
import type { Caller } from '../auth/caller.ts'
import type { RowRange } from '../db/row-range.ts'
import type { TenantScope } from '../db/scope.ts'
import type { TenantDb, Transaction } from '../db/statement.ts'
import { errors } from '../errors.ts'
import { type Counts, countTenant, readUsage, type Usage } from '../quotas/quota-store.ts'
import {
  insertTenant,
  markDeleted,
  type NewTenant,
  selectTenant,
  selectTenants,
  type Tenant,
  type TenantChanges,
  toTenant,
  updateTenant,
} from './tenant-store.ts'

/** All tenants, by name. */
export async function listTenants(
  db: TenantDb,
  scope: TenantScope,
  { limit, offset }: RowRange,
): Promise<Tenant[]> {
  const rows = await db.read(scope, selectTenants(limit, offset))
  return rows.map((row) => toTenant(row))
}

/** One tenant with what it uses, counted also where it has no quota; errors.tenantNotFound. */
export async function findTenant(
  db: TenantDb,
  scope: TenantScope,
  name: string,
): Promise<Tenant & { usage: Usage & Counts }> {
  const [row] = await db.read(scope, selectTenant(name))
  if (row === undefined) throw errors.tenantNotFound()
  const tenant = toTenant(row)
  const usage = await readUsage(db, scope, tenant.id)
  const counted = await countTenant(db, scope, tenant.id)
  const records = usage.records ?? counted.records
  const file_bytes = usage.file_bytes ?? counted.file_bytes
  return { ...tenant, usage: { ...usage, records, file_bytes, files: counted.files } }
}

interface AuditedChange<T> {
  event: AuditEvent
  run: (tx: Transaction) => Promise<T>
}

/** The entry comes first: afterwards the transaction is in the other tenant. */
function change<T>(db: TenantDb, operator: Caller, { event, run }: AuditedChange<T>): Promise<T> {
  return db.transaction(operator.tenant, 'other tenants', async (tx) => {
    await recordAudit(tx, operator, event)
    return run(tx)
  })
}

/** Creates a tenant together with its first admin; errors.tenantExists. */
export function createTenant(
  db: TenantDb,
  operator: Caller,
  wanted: NewTenant,
): Promise<{ tenant: Tenant; admin: Account }> {
  const { name: target, quotas } = wanted
  const event = { action: 'tenant.create', target, details: { quotas } } as const
  return change(db, operator, { event, run: (tx) => insertTenant(tx, wanted) })
}

/** Suspends or resumes a tenant, sets its quotas; errors.tenantNotFound, errors.defaultTenant. */
export function changeTenant(
  db: TenantDb,
  operator: Caller,
  { name, ...changes }: TenantChanges & { name: string },
): Promise<Tenant> {
  const event = { action: 'tenant.change', target: name, details: changes } as const
  return change(db, operator, { event, run: (tx) => updateTenant(tx, name, changes) })
}

/** Deletes a tenant: no request can use it, its name is free, its data is purged later; errors as changeTenant. */
export function deleteTenant(db: TenantDb, operator: Caller, name: string): Promise<void> {
  const event = { action: 'tenant.delete', target: name } as const
  return change(db, operator, { event, run: (tx) => markDeleted(tx, name) })
}
