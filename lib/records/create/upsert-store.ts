// Upsert inside a transaction: each row that meets a record on the conflict target is merged into it or ignored, the
// others are inserted. Records that are met are locked first; when another writer inserts one meanwhile, it is met then.
// https://docs.postgrest.org/en/stable/references/api/tables_views.html#upsert

import type { Transaction } from '../../db/statement.ts'
import type { Actor, RecordContext } from '../actor.ts'
import type { ReturnPlan } from '../return-plan.ts'
import type { TargetIds } from '../write/column-changes.ts'
import { shapeRecords } from '../write/new-records-store.ts'
import { storesWithin } from '../write/transaction-stores.ts'
import { writeContext } from '../write/write-context.ts'
import type { IncomingRecord, MergeOptions, StoredRow, Writer } from './row.ts'
import { withSystemValues } from './system-values.ts'
import { RACE } from './upsert-batch-store.ts'
import { mergeParts } from './upsert-parts-store.ts'
import { refuseRepeatedRows } from './upsert-refusals.ts'
import { identify } from './upsert-rows.ts'
import { WrittenIds } from './written-ids.ts'

/** Others may insert the same values at the same time; a conflict that stays is no race. */
const MOST_RACES = 3

/** Merges rows into the records that they meet and inserts the others. */
export function merger(
  stores: RecordContext,
  actor: Actor,
  targets: TargetIds,
  { answer, ...options }: MergeOptions & { answer: ReturnPlan },
): Writer {
  const earlier = new WrittenIds()
  const context = { ...writeContext(actor, answer), earlier }
  // Of rows that earlier calls have stored: a record is merged into once.
  const seen = new Set<string>()
  return async (tx: Transaction, rows: readonly IncomingRecord[]): Promise<StoredRow[]> => {
    const data = rows.map(({ whole }) => whole)
    const within = storesWithin(stores, tx)
    const made = await shapeRecords(within, actor, data, targets)
    const fresh = withSystemValues(made, rows)
    const identities = fresh.map((record) => identify(record, options.target))
    refuseRepeatedRows(actor, identities, seen, options)
    const merge = { stores: within, actor, targets, context, options, rows, fresh }
    let written: StoredRow[] | typeof RACE = RACE
    for (let races = 0; written === RACE; races++) written = await mergeParts(tx, merge, races < MOST_RACES)
    earlier.add(rows, written)
    for (const identity of identities) if (identity !== null) seen.add(identity)
    return written
  }
}
