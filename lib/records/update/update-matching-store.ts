// Changes every record that a filter picks, all or none. The caller's own rights narrow what it picks.
// https://docs.postgrest.org/en/stable/references/api/tables_views.html#update

import { stillMatches } from '../../access/policy.ts'
import { mapYielding } from '../../concurrency/yielding-map.ts'
import type { Transaction } from '../../db/statement.ts'
import { requireClient } from '../../db/while-awaited.ts'
import { requireUsableFiles } from '../../files/file-values-store.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { withIndexAdvice } from '../index-advice.ts'
import { RETURN_NOTHING } from '../return-plan.ts'
import type { StoredPatch } from '../stored-data.ts'
import { readLocked, whereIds } from '../write/bounded-read-store.ts'
import { changeOf, linkFields, mergedRecord, needsCurrent, type TargetIds } from '../write/column-changes.ts'
import { completeRows } from '../write/complete-rows-store.ts'
import { despitePending } from '../write/despite-pending-store.ts'
import { explainConflict } from '../write/explain-store.ts'
import { type Affected, type Collection, whereAllowed } from '../write/matching.ts'
import { targetIds } from '../write/new-records-store.ts'
import { runCounted, writePicked } from '../write/picked-store.ts'
import { atRows } from '../write/row-problem.ts'
import { requireAllowed } from '../write/row-rule-store.ts'
import { runStatement } from '../write/run-statement-store.ts'
import { inTransaction } from '../write/transaction-store.ts'
import { storesWithin } from '../write/transaction-stores.ts'
import { countedUpdate, type RecordChange, rewriteStatement, updateWhere } from '../write/update-sql.ts'
import { addedLinks, requireVisibleTargets } from '../write/visible-references-store.ts'
import { writeContext } from '../write/write-context.ts'
import type { WriteContext, WrittenRow } from '../write/written-row.ts'

/** One change of many records. */
interface Job {
  stores: RecordContext
  actor: Actor
  patch: StoredPatch
  collection: Collection
  targets: TargetIds
  change: RecordChange
  context: WriteContext
}

/** What has a unique value that one change gives to all. */
const SEVERAL = 'several of the records that the filter matches would have'

const NO_RECORD = '00000000-0000-0000-0000-000000000000'

/** Sets and unsets fields of every record that the filter picks. */
export async function changeMatching(
  stores: RecordContext,
  actor: Actor,
  patch: StoredPatch,
  collection: Collection,
): Promise<Affected> {
  const { entity } = actor
  const { answer, rollback, scope } = collection
  await requireUsableFiles(stores, actor, [patch])
  const targets = await targetIds(stores, actor)
  const change = changeOf(entity, {}, patch, targets)
  const context = writeContext(actor, answer)
  const job: Job = { stores, actor, patch, collection, targets, change, context }
  const run = () => inTransaction(stores, actor, { entities: [entity], rollback }, (tx) => changeAll(tx, job))
  return withIndexAdvice(stores, actor, scope, run).catch((error) =>
    explainConflict(stores, { ...context, holder: SEVERAL }, [{ ...change, id: NO_RECORD }], error),
  )
}

async function changeAll(tx: Transaction, job: Job): Promise<Affected> {
  const { actor, collection, change, context } = job
  const { entity, policy } = actor
  const { answer } = collection
  const where = whereAllowed(policy.updateUsing, collection)
  const measured = change.touchedLinks.length > 0 || needsCurrent(entity, change.touched)
  // One statement does what depends on nothing in the records and is looked at by nobody afterwards.
  if (!measured && answer === RETURN_NOTHING && stillMatches(policy.updateCheck, change.touched))
    return despitePending({ entity, tx }, [change], ([one = change]) =>
      runCounted(tx, countedUpdate(context, one, where), collection),
    )
  const write = measured ? rewriteBatch : updateBatch
  const growth = JSON.stringify(job.patch).length
  const pick = { where, lock: 'no key update', measured, growth } as const
  const { rows, count } = await writePicked(tx, pick, collection, async (ids, before) => {
    const written = await write(tx, job, ids)
    await requireStillAllowed(tx, job, ids).catch(atRows(ids.map((_, at) => before + at)))
    return written
  })
  return { rows: await completeRows(tx, entity, answer, rows), count }
}

function updateBatch(
  tx: Transaction,
  { actor, change, context }: Job,
  ids: readonly string[],
): Promise<WrittenRow[]> {
  return despitePending({ entity: actor.entity, tx }, [change], ([one = change]) =>
    runStatement(tx, updateWhere(context, one, whereIds(actor.entity, ids))),
  )
}

async function rewriteBatch(
  tx: Transaction,
  { stores, actor, patch, targets, change, context }: Job,
  ids: readonly string[],
): Promise<WrittenRow[]> {
  const { entity } = actor
  const current = await readLocked(tx, entity, ids)
  const resume = () => requireClient(actor)
  const links = await mapYielding(current, ({ data }) => addedLinks(actor, data, patch, targets), resume)
  await requireVisibleTargets(storesWithin(stores, tx), actor, [{ links: links.flat() }])
  const rows = await mapYielding(current, (record) => mergedRecord(entity, record, patch, targets), resume)
  return despitePending({ entity, tx }, rows, (written) =>
    runStatement(tx, rewriteStatement(context, written, linkFields(entity, change.touched))),
  )
}

async function requireStillAllowed(
  tx: Transaction,
  { actor: { entity, policy }, change }: Job,
  ids: readonly string[],
): Promise<void> {
  if (!stillMatches(policy.updateCheck, change.touched))
    await requireAllowed(tx, entity, ids, policy.updateCheck)
}
