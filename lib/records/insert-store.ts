// Inserting rows inside a transaction.
import type { Transaction } from '../postgres/queryable.ts'
import { type Actor, type Stores, writeContext } from './actor.ts'
import { requireAllowed } from './allowed-store.ts'
import type { Answer } from './answer.ts'
import type { Candidate, Writer, Written } from './candidate.ts'
import { explain } from './explain-store.ts'
import { insertStatement } from './insert-sql.ts'
import { makeRecords, refuseRepeated } from './new-records.ts'
import type { TargetIds } from './prepare.ts'
import { runStatement } from './run-statement.ts'
import { withSavepoint } from './savepoint.ts'
import { storesWithin } from './stores-within.ts'
import type { NewRecord, WriteContext } from './write.ts'

/** Inserts every row. */
export function inserter(stores: Stores, actor: Actor, targets: TargetIds, answer: Answer): Writer {
  const context = writeContext(actor, answer)
  return async (tx: Transaction, rows: readonly Candidate[]): Promise<Written[]> => {
    const within = storesWithin(stores, tx)
    const data = rows.map(({ whole }) => whole)
    const records = await makeRecords(within, actor, data, targets)
    refuseRepeated(actor, records)
    const written = await withSavepoint(
      tx,
      () => insertAllowed(tx, actor, context, records),
      (error) => explain(within, context, records, error),
    )
    return written.map((row) => ({ row, created: true }))
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
  const written = await runStatement(tx, insertStatement(context, records))
  const ids = records.map(({ id }) => id)
  await requireAllowed(tx, entity, ids, policy.create)
  return written
}
