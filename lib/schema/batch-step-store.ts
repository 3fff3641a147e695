// One step of background work on an entity's records: a batch in a transaction of its own, and after the last batch what ends
// the work. Clients come first: a batch that meets one of their locks is tried again later.
import { onPresentEpoch } from '../db/current-epoch.ts'
import type { TenantScope } from '../db/scope.ts'
import type { TenantDb, Transaction } from '../db/statement.ts'
import type { SlotFill, TenantDirectory } from '../db/tenant-directory.ts'
import { DEADLOCK_DETECTED, errorCode, LOCK_NOT_AVAILABLE } from '../errors/codes.ts'

/** An entity that one process works on. */
export type EntityJob = SlotFill

/** What the work needs; the server itself has this shape. */
export interface BatchContext {
  db: Pick<TenantDb, 'transaction'>
  directory: Pick<TenantDirectory, 'tenantById'>
}

/** Milliseconds that a batch waits for a client's lock. */
export const LOCK_TIMEOUT_MS = 200

/** What a batch meets when a client's transaction is in its way; it yields long before the client would be ended. */
const CONTENTION = [LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED]

export interface BatchWork<Batch extends { isLast: boolean }> {
  /** One batch; null when there is nothing to do here any more. */
  batch(tx: Transaction, scope: TenantScope): Promise<Batch | null>
  /** Ends the work after its last batch; false: it has begun again meanwhile. */
  finish(tx: Transaction, batch: Batch, scope: TenantScope): Promise<boolean>
}

/** Does one more batch; `done` when nothing is left for this worker. */
export async function runBatchStep<Batch extends { isLast: boolean }>(
  { db, directory }: BatchContext,
  { tenantId, entityId }: EntityJob,
  work: BatchWork<Batch>,
): Promise<'more' | 'done'> {
  try {
    const batch = await onPresentEpoch(directory, tenantId, (scope) =>
      db.transaction(scope, [entityId], (tx) => work.batch(tx, scope)),
    )
    if (batch === null) return 'done'
    if (!batch.isLast) return 'more'
    const finished = await onPresentEpoch(directory, tenantId, (scope) =>
      db.transaction(scope, 'metadata', (tx) => work.finish(tx, batch, scope)),
    )
    return finished ? 'done' : 'more'
  } catch (error) {
    if (CONTENTION.includes(errorCode(error))) return 'more'
    throw error
  }
}
