// A tenant's quotas in the database: set by an operator, read with what is used of them.

import { column, columns, orNull } from '../db/columns.ts'
import { isCounted } from '../db/quota-counters.ts'
import type { QuotaName, Quotas, TenantScope } from '../db/scope.ts'
import type { Queryable, TenantDb } from '../db/statement.ts'
import { errorCode, QUERY_CANCELED } from '../errors/codes.ts'

/** How long setting quotas waits for the tenant's running writes; new ones wait meanwhile. */
const PATIENCE = '5s'

/** Sets the quotas of the transaction's tenant; recounts its records and bytes of files when one of these limits changes. */
export async function setQuotas(
  tx: Queryable,
  tenantId: string,
  { before, after }: { before: Quotas; after: Quotas },
): Promise<void> {
  const values = [tenantId, JSON.stringify(after)]
  if (before.records === after.records && before.file_bytes === after.file_bytes) {
    await tx.query('update tenant set quotas = $2 where id = $1', values)
    return
  }
  await tx.query('set local statement_timeout = 0')
  await tx.query(`set local lock_timeout = '${PATIENCE}'`)
  await tx.query('select set_quotas($1, $2)', values)
}

/** What is used of each quota; null where nothing counts it. */
export type Usage = Record<QuotaName, number | null>

const USAGE = columns<Usage>({
  entities: orNull(column.integer('entities')),
  fields: orNull(column.integer('fields')),
  records: orNull(column.integer('records')),
  file_bytes: orNull(column.integer('file_bytes')),
  requests_per_minute: orNull(column.integer('requests')),
})

/** Reads what a tenant uses, in the scope of the tenant itself or of an operator's. */
export async function readUsage(db: TenantDb, scope: TenantScope, tenantId: string): Promise<Usage> {
  const text = `select ${USAGE.list} from tenant_usage($1)`
  const [row] = await db.read(scope, { text, values: [tenantId], acrossTenants: tenantId !== scope.id })
  return USAGE.decode(row ?? [])
}

/** What a tenant has, counted whether or not a quota limits it; null: it is too much to be counted in time. */
export type Counts = Record<'records' | 'files' | 'file_bytes', number | null>

const COUNTS = columns<Counts>({
  records: column.integer('records'),
  files: column.integer('files'),
  file_bytes: column.integer('file_bytes'),
})

/** Counts what a tenant has, in the scope of an operator. */
export async function countTenant(db: TenantDb, scope: TenantScope, tenantId: string): Promise<Counts> {
  const text = `select ${COUNTS.list} from count_tenant($1)`
  try {
    const [row] = await db.read(scope, { text, values: [tenantId], acrossTenants: tenantId !== scope.id })
    return COUNTS.decode(row ?? [])
  } catch (error) {
    if (errorCode(error) !== QUERY_CANCELED) throw error
    return { records: null, files: null, file_bytes: null }
  }
}

/** Bytes of files that the tenant may still store; negative beyond its quota, infinite without one. */
export async function bytesLeft(db: Pick<TenantDb, 'read'>, tenant: TenantScope): Promise<number> {
  if (!isCounted(tenant, 'file_bytes')) return Number.POSITIVE_INFINITY
  const text = `select sum(free)::text from quota_part where tenant_id = $1 and quota = 'file_bytes'`
  const [row] = await db.read(tenant, { text, values: [tenant.id] })
  return Number(row?.[0])
}
