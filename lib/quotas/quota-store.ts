// A tenant's quotas in the database: set by an operator, shown together with what is used of them.
import type { Queryable, Statement, TextRow } from '../postgres/queryable.ts'
import { QUOTA_NAMES, type QuotaName, type Quotas } from './quota.ts'

/** How long an operator waits for those who write in the tenant; nobody else can begin to, meanwhile. */
const PATIENCE = '5s'

/** Sets the quotas of the tenant that the transaction is in, and counts what it has. */
export async function setQuotas(tx: Queryable, tenantId: string, quotas: Quotas): Promise<void> {
  await tx.query('set local statement_timeout = 0')
  await tx.query(`set local lock_timeout = '${PATIENCE}'`)
  await tx.query('select set_quotas($1, $2)', [tenantId, JSON.stringify(quotas)])
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
