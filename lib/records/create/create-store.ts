// Creating and deleting records: one round trip each unless something stands against it. What stood against it is
// found out afterwards, so that the way that succeeds costs nothing for it.

import type { Actor, RecordContext } from '../actor.ts'
import type { ReturnPlan } from '../return-plan.ts'
import type { StoredPatch } from '../stored-data.ts'
import { explainConflict } from '../write/explain-store.ts'
import { insertStatement } from '../write/insert-sql.ts'
import { newRecords } from '../write/new-records.ts'
import { runWrite } from '../write/run-statement-store.ts'
import { wholeRecord, writeContext } from '../write/write-context.ts'
import { toWrittenRow, type WrittenRow } from '../write/written-row.ts'
import { storeRecords } from './batch-store.ts'

/**
 * Creates records, all or none.
 *
 * @param data stored data of each, in the order of the answer
 */
export async function createRecords(
  stores: RecordContext,
  actor: Actor,
  data: StoredPatch[],
  answer: ReturnPlan = wholeRecord(actor),
): Promise<WrittenRow[]> {
  if (data.length === 0) return []
  if (actor.policy.create !== true) {
    // A transaction can look at what it has written.
    const candidates = data.map((whole) => ({ whole, given: {}, id: undefined }))
    return (await storeRecords(stores, actor, candidates, { answer, merge: undefined, rollback: false })).rows
  }
  const rows = await newRecords(stores, actor, data)
  const context = writeContext(actor, answer)
  const written = await runWrite(stores, context, rows, insertStatement(context, rows)).catch((error) =>
    explainConflict(stores, context, rows, error),
  )
  return written.map(toWrittenRow)
}
