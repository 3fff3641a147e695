// One step of a fill of an entity's records: a batch in a transaction of its own, and after the last batch what ends the
// fill. Clients come first: a batch that meets one of their locks is tried again later.
import { onPresentEpoch } from '../db/current-epoch.ts'
import type { TenantDb, Transaction } from '../db/statement.ts'
import type { SlotFill, TenantDirectory } from '../db/tenant-directory.ts'
import { DEADLOCK_DETECTED, errorCode, LOCK_NOT_AVAILABLE } from '../errors/codes.ts'

/** What fills work with; the server itself has this shape. */
export interface FillContext {
  db: Pick<TenantDb, 'transaction'>
  directory: Pick<TenantDirectory, 'tenantById'>
}

/** Milliseconds that a batch waits for a client's lock. */
export const LOCK_TIMEOUT_MS = 200

/** What a batch meets when a client's transaction is in its way; it yields long before the client would be ended. */
const CONTENTION = [LOCK_NOT_AVAILABLE, DEADLOCK_DETECTED]

export interface FillWork<Batch extends { isLast: boolean }> {
  /** One batch; null when there is nothing to do here any more. */
  batch(tx: Transaction): Promise<Batch | null>
  /** Ends the fill after its last batch; false: it has begun again meanwhile. */
  finish(tx: Transaction, batch: Batch): Promise<boolean>
}

/** Does one more batch; `done` when nothing is left for this worker. */
export async function runFillStep<Batch extends { isLast: boolean }>(
  { db, directory }: FillContext,
  { tenantId, entityId }: SlotFill,
  work: FillWork<Batch>,
): Promise<'more' | 'done'> {
  try {
    const batch = await onPresentEpoch(directory, tenantId, (scope) =>
      db.transaction(scope, [entityId], (tx) => work.batch(tx)),
    )
    if (batch === null) return 'done'
    if (!batch.isLast) return 'more'
    const finished = await onPresentEpoch(directory, tenantId, (scope) =>
      db.transaction(scope, 'metadata', (tx) => work.finish(tx, batch)),
    )
    return finished ? 'done' : 'more'
  } catch (error) {
    if (CONTENTION.includes(errorCode(error))) return 'more'
    throw error
  }
}
