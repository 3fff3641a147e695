// SQL that counts records and bytes of files for a tenant with a quota of them; a tenant without one gets the plain
// statement. A count is settled at the end of its transaction, never beyond the limit (settle_quota).

import type { Parameters } from './parameters.ts'
import type { TenantScope } from './scope.ts'
import type { Queryable } from './statement.ts'

/** The quotas that are counted by the statements that add and remove. */
export type Counted = 'records' | 'file_bytes'

/** Whether the tenant has a quota of something that statements count. */
export function isCounted({ quotas }: TenantScope, quota?: Counted): boolean {
  if (quotas === undefined) return false
  return quota === undefined ? 'records' in quotas || 'file_bytes' in quotas : quota in quotas
}

/** A further common table expression, `counted`, that the statement has to read from; `count` is SQL. */
export function countedPart({ id }: TenantScope, quota: Counted, count: string, p: Parameters): string {
  return `counted as materialized (select count_quota(${p.add(id)}, '${quota}', (${count})::bigint))`
}

/** Counts what other statements of the transaction have done. */
export async function count(tx: Queryable, scope: TenantScope, quota: Counted, more: number): Promise<void> {
  if (isCounted(scope, quota)) await tx.query('select count_quota($1, $2, $3)', [scope.id, quota, more])
}

/** Settles the counts of the transaction; its last statement. */
export async function settle(tx: Queryable, scope: TenantScope): Promise<void> {
  if (isCounted(scope)) await tx.query('select settle_quotas($1)', [scope.id])
}
