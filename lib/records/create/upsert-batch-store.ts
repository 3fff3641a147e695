// One try at merging a batch of rows: those that meet a record are merged into it or ignored, the others are inserted. A
// refusal names the rows and leaves the transaction as it was.

import { stillMatches } from '../../access/policy.ts'
import { violatedConstraint } from '../../db/constraints.ts'
import type { Transaction } from '../../db/statement.ts'
import type { UniqueConstraint } from '../../entities/entity.ts'
import type { Actor } from '../actor.ts'
import { linkFields, type TargetIds } from '../write/column-changes.ts'
import { violatesTarget } from '../write/conflicts.ts'
import { despitePending } from '../write/despite-pending-store.ts'
import { explainConflict } from '../write/explain-store.ts'
import type { CurrentRecord } from '../write/lock-store.ts'
import { movedValues, releaseStatement } from '../write/moved-values.ts'
import { atRows } from '../write/row-problem.ts'
import { allowedIds, requireAllowed } from '../write/row-rule-store.ts'
import { runStatement } from '../write/run-statement-store.ts'
import { withSavepoint } from '../write/savepoint-store.ts'
import type { TransactionContext } from '../write/transaction-stores.ts'
import { answerStatement, rewriteStatement } from '../write/update-sql.ts'
import { requireVisibleTargets } from '../write/visible-references-store.ts'
import type { NewRecord, WriteContext, WrittenRow } from '../write/written-row.ts'
import { insertAllowed } from './insert-writer-store.ts'
import type { IncomingRecord, MergeOptions, RowWrite, StoredRow } from './row.ts'
import { divide, identify } from './upsert-rows.ts'

/** The outcome of a try in which another writer has inserted a record that a row would have met. */
export const RACE = Symbol('another writer was quicker')

/** A batch of rows and what is needed to merge it. */
export interface Merge {
  stores: TransactionContext
  actor: Actor
  targets: TargetIds
  context: WriteContext
  options: MergeOptions
  rows: readonly IncomingRecord[]
  fresh: readonly NewRecord[]
}

/** Of rows whose records are found: with those, by what identifies them. */
export interface FoundMerge extends Merge {
  met: ReadonlyMap<string, CurrentRecord>
}

/** Merges the rows. @param mayRace whether RACE is an outcome, or the conflict is refused */
export async function mergeOnce(
  tx: Transaction,
  merge: FoundMerge,
  mayRace: boolean,
): Promise<StoredRow[] | typeof RACE> {
  const { stores, actor, context, fresh, options } = merge
  const { updateUsing: change, read } = actor.policy
  const met = options.resolution === 'change-existing' ? await readable(tx, merge) : merge.met
  const metIds = [...met.values()].map(({ id }) => id)
  // Who ignores a record has to know of it; who merges into it has to be allowed to.
  const needed = options.resolution === 'ignore-duplicates' ? read : change
  const allowed = await allowedIds(tx, actor.entity, metIds, needed)
  const { inserts, updates } = await divide(merge, met, allowed)
  const stored = [...inserts, ...updates]
  await requireVisibleTargets(stores, actor, stored).catch(atRows(rowsOf(stored)))
  return withSavepoint<StoredRow[] | typeof RACE>(
    tx,
    async () => align(fresh.length, stored, await store(tx, merge, { inserts, updates }), inserts),
    async (error) => {
      if (mayRace && violatesTarget(error, options.target)) return RACE
      if (violatedConstraint(error) === undefined) throw error
      const records = stored.map(({ record }) => record)
      return explainConflict(stores, context, records, error).catch(atRows(stored.map(({ at }) => at)))
    },
  )
}

/** Those of the records that exist for the caller. */
async function readable(tx: Transaction, { actor, met }: FoundMerge): Promise<FoundMerge['met']> {
  const { entity, policy } = actor
  if (policy.read === true) return met
  const ids = [...met.values()].map(({ id }) => id)
  const known = await allowedIds(tx, entity, ids, policy.read)
  return new Map([...met].filter(([, { id }]) => known.has(id)))
}

async function store(
  tx: Transaction,
  merge: FoundMerge,
  { inserts, updates }: { inserts: readonly RowWrite[]; updates: readonly RowWrite[] },
): Promise<WrittenRow[]> {
  const { actor, context, options } = merge
  await releaseMoved(tx, merge, { inserts, updates })
  const ordered = inOneOrder(inserts, options.target)
  const inserted = await insertAllowed(tx, actor, context, recordsOf(ordered)).catch(atRows(rowsOf(ordered)))
  const updated = await updateAllowed(tx, merge, updates).catch(atRows(rowsOf(updates)))
  return [...inserted, ...updated]
}

/** Lets records go of the unique values that others of the rows are to have. */
async function releaseMoved(
  tx: Transaction,
  { actor, context, met }: FoundMerge,
  { inserts, updates }: { inserts: readonly RowWrite[]; updates: readonly RowWrite[] },
): Promise<void> {
  const changed = new Set(updates.map(({ record }) => record.id))
  const current = [...met.values()].filter(({ id }) => changed.has(id))
  for (const [column, ids] of movedValues(actor.entity, current, recordsOf([...inserts, ...updates])))
    await tx.read(releaseStatement(context, column, ids))
}

/** Who inserts the same values at once waits for the other, and in another order they would wait for each other. */
function inOneOrder(inserts: readonly RowWrite[], target: UniqueConstraint | null): RowWrite[] {
  const keyed = inserts.map((placed) => ({ placed, key: identify(placed.record, target) ?? '' }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ placed }) => placed)
}

async function updateAllowed(
  tx: Transaction,
  { actor, context, options, rows }: Merge,
  updates: readonly RowWrite[],
): Promise<WrittenRow[]> {
  const { entity, policy } = actor
  const given = ({ at }: RowWrite) => Object.keys(rows[at]?.given ?? {})
  // A change that names nothing changes nothing: neither the version nor who has changed it last.
  const isIdle = (one: RowWrite) => options.resolution === 'change-existing' && given(one).length === 0
  const idle = recordsOf(updates.filter(isIdle))
  const records = recordsOf(updates.filter((one) => !isIdle(one)))
  const touched = updates.flatMap(given)
  const updated = await rewrite(tx, context, records, linkFields(entity, touched))
  const ids = recordsOf(updates).map(({ id }) => id)
  if (!stillMatches(policy.updateCheck, touched)) await requireAllowed(tx, entity, ids, policy.updateCheck)
  return idle.length === 0
    ? updated
    : [...updated, ...(await runStatement(tx, answerStatement(context, idle)))]
}

async function rewrite(
  tx: Transaction,
  context: WriteContext,
  records: readonly NewRecord[],
  links: readonly string[],
): Promise<WrittenRow[]> {
  if (records.length === 0) return []
  return despitePending({ entity: context.entity, tx }, records, (rows) =>
    runStatement(tx, rewriteStatement(context, rows, links)),
  )
}

const recordsOf = (placed: readonly RowWrite[]) => placed.map(({ record }) => record)

const rowsOf = (placed: readonly RowWrite[]) => placed.map(({ at }) => at)

/** What became of each row, in their order. */
function align(
  size: number,
  stored: readonly RowWrite[],
  written: readonly WrittenRow[],
  inserts: readonly RowWrite[],
): StoredRow[] {
  const byId = new Map(written.map((row) => [row.id, row]))
  const outcomes = Array.from({ length: size }, (): StoredRow => ({ row: undefined, created: false }))
  for (const { record, at } of stored) outcomes[at] = { row: byId.get(record.id), created: false }
  for (const { at } of inserts) (outcomes[at] as StoredRow).created = true
  return outcomes
}
