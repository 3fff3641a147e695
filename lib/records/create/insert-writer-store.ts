// Inserting rows inside a transaction.

import type { Transaction } from '../../db/statement.ts'
import type { Actor, RecordContext } from '../actor.ts'
import type { ReturnPlan } from '../return-plan.ts'
import type { TargetIds } from '../write/column-changes.ts'
import { despitePending } from '../write/despite-pending-store.ts'
import { explainConflict } from '../write/explain-store.ts'
import { insertStatement } from '../write/insert-sql.ts'
import { makeRecords, refuseRepeated } from '../write/new-records-store.ts'
import { requireAllowed } from '../write/row-rule-store.ts'
import { runStatement } from '../write/run-statement-store.ts'
import { withSavepoint } from '../write/savepoint-store.ts'
import { storesWithin } from '../write/transaction-stores.ts'
import { writeContext } from '../write/write-context.ts'
import type { NewRecord, WriteContext } from '../write/written-row.ts'
import { refuseTakenIds } from './kept-ids-store.ts'
import type { IncomingRecord, StoredRow, Writer } from './row.ts'
import { withSystemValues } from './system-values.ts'
import { WrittenIds } from './written-ids.ts'

/** Inserts every row. */
export function inserter(
  stores: RecordContext,
  actor: Actor,
  targets: TargetIds,
  answer: ReturnPlan,
): Writer {
  const earlier = new WrittenIds()
  const context = { ...writeContext(actor, answer), earlier }
  return async (tx: Transaction, rows: readonly IncomingRecord[]): Promise<StoredRow[]> => {
    const within = storesWithin(stores, tx)
    const data = rows.map(({ whole }) => whole)
    const made = await makeRecords(within, actor, data, targets)
    const records = withSystemValues(made, rows)
    refuseRepeated(actor, records)
    await refuseTakenIds(tx, { actor, earlier }, records, rows)
    const written = await withSavepoint(
      tx,
      () => insertAllowed(tx, actor, context, records),
      (error) => explainConflict(within, context, records, error),
    )
    const stored = written.map((row) => ({ row, created: true }))
    earlier.add(rows, stored)
    return stored
  }
}

/** Inserts records; errors.rowNotAllowed names those that the caller may not create. */
export async function insertAllowed(
  tx: Transaction,
  { entity, policy }: Actor,
  context: WriteContext,
  records: readonly NewRecord[],
) {
  if (records.length === 0) return []
  const written = await despitePending({ entity, tx }, records, (rows) =>
    runStatement(tx, insertStatement(context, rows)),
  )
  const ids = records.map(({ id }) => id)
  await requireAllowed(tx, entity, ids, policy.create)
  return written
}
