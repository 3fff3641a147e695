// Changing and deleting every record that a filter picks, all or none. The caller's own rights narrow what it picks.
// https://docs.postgrest.org/en/stable/references/api/tables_views.html#update

import { stillMatches } from '../../access/policy.ts'
import type { Transaction } from '../../db/statement.ts'
import { requireUsableFiles } from '../../files/file-values-store.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { withIndexAdvice } from '../index-advice.ts'
import type { StoredPatch } from '../stored-data.ts'
import { changeOf, linkFields, mergedRecord, needsCurrent } from '../write/column-changes.ts'
import { completeRows } from '../write/complete-rows-store.ts'
import { explainConflict } from '../write/explain-store.ts'
import { readForChange } from '../write/lock-store.ts'
import { type Collection, checkAffected, whereAllowed } from '../write/matching.ts'
import { targetIds } from '../write/new-records-store.ts'
import { requireAllowed } from '../write/row-rule-store.ts'
import { runStatement } from '../write/run-statement-store.ts'
import { inTransaction } from '../write/transaction-store.ts'
import { storesWithin } from '../write/transaction-stores.ts'
import { rewriteStatement, updateWhere } from '../write/update-sql.ts'
import { addedLinks, requireVisibleTargets } from '../write/visible-references-store.ts'
import { writeContext } from '../write/write-context.ts'
import type { WrittenRow } from '../write/written-row.ts'

/** Sets and unsets fields of every record that the filter picks. */
export async function changeMatching(
  stores: RecordContext,
  actor: Actor,
  patch: StoredPatch,
  collection: Collection,
): Promise<WrittenRow[]> {
  const { entity } = actor
  await requireUsableFiles(stores, actor, [patch])
  const targets = await targetIds(stores, actor)
  const context = writeContext(actor, collection.answer)
  const where = whereAllowed(actor.policy.updateUsing, collection)
  const change = changeOf(entity, {}, patch, targets)
  const work = async (tx: Transaction) => {
    if (change.touchedLinks.length === 0 && !needsCurrent(entity, change.touched)) {
      const rows = await runStatement(tx, updateWhere(context, change, where))
      checkAffected(rows.length, collection)
      return rows
    }
    const current = await readForChange(tx, where)
    checkAffected(current.length, collection)
    if (current.length === 0) return []
    const links = current.flatMap(({ data }) => addedLinks(actor, data, patch, targets))
    await requireVisibleTargets(storesWithin(stores, tx), actor, [{ links }])
    const rows = current.map((record) => mergedRecord(entity, record, patch, targets))
    return runStatement(tx, rewriteStatement(context, rows, linkFields(entity, change.touched)))
  }
  const complete = async (tx: Transaction) => {
    const rows = await work(tx)
    const ids = rows.map(({ id }) => id)
    if (!stillMatches(actor.policy.updateCheck, change.touched))
      await requireAllowed(tx, entity, ids, actor.policy.updateCheck)
    return completeRows(tx, entity, collection.answer, rows)
  }
  const { rollback } = collection
  return withIndexAdvice(stores, actor, collection.scope, () =>
    inTransaction(stores, actor, { entities: [entity], rollback }, complete),
  ).catch((error) => explainConflict(stores, context, [{ ...change, id: NO_RECORD }], error))
}

const NO_RECORD = '00000000-0000-0000-0000-000000000000'
