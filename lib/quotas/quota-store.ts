// A tenant's quotas in the database: set by an operator, shown together with what is used of them.

import { isCounted } from '../db/quota-counters.ts'
import { QUOTA_NAMES, type QuotaName, type Quotas, type TenantScope } from '../db/scope.ts'
import type { Queryable, Statement, TenantDb, TextRow } from '../db/statement.ts'

/** How long an operator waits for those who write in the tenant; nobody else can begin to, meanwhile. */
const PATIENCE = '5s'

/** Sets the quotas of the tenant that the transaction is in; where what statements count is concerned, counts it. */
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

/** What the tenant has, one row; whoever asks for another tenant's has to be an operator. */
export const selectUsage = (tenantId: string): Statement => ({
  text: 'select entities::text, fields::text, records::text, file_bytes::text, requests::text from tenant_usage($1)',
  values: [tenantId],
})

/** What is used of each quota; null where nothing counts it. */
export function toUsage(row: TextRow): Record<QuotaName, number | null> {
  const entries = QUOTA_NAMES.map((name, at) => [name, row[at] ? Number(row[at]) : null])
  return Object.fromEntries(entries) as Record<QuotaName, number | null>
}

/** How many bytes of files a tenant with a quota of them may still have; less than none when it has too many. */
export async function bytesLeft(db: Pick<TenantDb, 'read'>, tenant: TenantScope): Promise<number> {
  if (!isCounted(tenant, 'file_bytes')) return Number.POSITIVE_INFINITY
  const text = `select sum(free)::text from quota_part where tenant_id = $1 and quota = 'file_bytes'`
  const [row] = await db.read(tenant, { text, values: [tenant.id] })
  return Number(row?.[0])
}
