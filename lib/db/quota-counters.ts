// The parts of statements that count records and bytes of files for a tenant with a quota of them. A tenant without one
// gets the plain statement. A count is settled at the end of its transaction, never beyond the limit (settle_quota).

import type { Parameters } from './parameters.ts'
import type { TenantScope } from './scope.ts'
import type { Queryable } from './statement.ts'

/** What is counted by the statements that add and remove it. */
export type Counted = 'records' | 'file_bytes'

/** Whether the tenant has a quota of something that statements count. */
export function isCounted({ quotas }: TenantScope, quota?: Counted): boolean {
  if (quotas === undefined) return false
  return quota === undefined ? 'records' in quotas || 'file_bytes' in quotas : quota in quotas
}

/** A further part of a statement, `counted`, that its last part has to read from; `count` is SQL. */
export function countedPart({ id }: TenantScope, quota: Counted, count: string, p: Parameters): string {
  return `counted as materialized (select count_quota(${p.add(id)}, '${quota}', (${count})::bigint))`
}

/** Counts inside a transaction what other statements of it have done. */
export async function count(tx: Queryable, scope: TenantScope, quota: Counted, more: number): Promise<void> {
  if (isCounted(scope, quota)) await tx.query('select count_quota($1, $2, $3)', [scope.id, quota, more])
}

/** Settles what the transaction has counted; it is the last thing that it does. */
export async function settle(tx: Queryable, scope: TenantScope): Promise<void> {
  if (isCounted(scope)) await tx.query('select settle_quotas($1)', [scope.id])
}
