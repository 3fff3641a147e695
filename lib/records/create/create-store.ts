// Creates the records of a request, all or none: in one round trip where that does, else in a transaction. The reason of a
// refused write is found out afterwards, so that a write that succeeds costs nothing for it.

import type { Actor, RecordContext } from '../actor.ts'
import { despitePending } from '../write/despite-pending-store.ts'
import { explainConflict } from '../write/explain-store.ts'
import { insertStatement } from '../write/insert-sql.ts'
import { newRecords } from '../write/new-records-store.ts'
import { runWrite } from '../write/run-statement-store.ts'
import { writeContext } from '../write/write-context.ts'
import { toWrittenRow } from '../write/written-row.ts'
import { rowsOfBatch, type Stored, type StoreOptions, storeRecords } from './batch-store.ts'
import type { IncomingRecord } from './row.ts'

/** Stores every row, or none; the refusal names the rows that it concerns. */
export async function createRecords(
  stores: RecordContext,
  actor: Actor,
  rows: readonly IncomingRecord[],
  options: StoreOptions,
): Promise<Stored> {
  const { merge, answer, rollback, keepsSystemFields } = options
  const isOne = rows.length === 1 || rows.length <= rowsOfBatch(actor.entity)
  const alone = merge === undefined && !keepsSystemFields && !rollback && !answer.apart && isOne
  // A transaction can look at what it has written.
  if (!alone || actor.policy.create !== true) return storeRecords(stores, actor, rows, options)
  if (rows.length === 0) return { rows: [], created: 0 }
  const data = rows.map(({ whole }) => whole)
  const records = await newRecords(stores, actor, data)
  const context = writeContext(actor, answer)
  const written = await despitePending(actor, records, (rows) =>
    runWrite(stores, context, rows, insertStatement(context, rows)),
  ).catch((error) => explainConflict(stores, context, records, error))
  return { rows: written.map(toWrittenRow), created: written.length }
}
