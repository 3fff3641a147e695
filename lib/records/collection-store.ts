// Changing and deleting every record that a filter picks, all or none. The caller's own rights narrow what it picks.
// https://docs.postgrest.org/en/stable/references/api/tables_views.html#update

import { conditionOf, type Rows, survives } from '../access/policy.ts'
import { errors } from '../errors.ts'
import { requireUsableFiles } from '../files/file-values.ts'
import type { Parameters } from '../postgres/parameters.ts'
import type { Transaction } from '../postgres/queryable.ts'
import type { Scope } from '../query/plan/level-plan.ts'
import { conditionSql } from '../query/sql/condition.ts'
import { scopeSql } from '../query/sql/list.ts'
import { Row } from '../query/sql/row.ts'
import { type Actor, type Stores, writeContext } from './actor.ts'
import { requireAllowed } from './allowed-store.ts'
import { type Answer, byIdsStatement, completeRows } from './answer.ts'
import { violatedConstraint } from './conflicts.ts'
import { readForChange } from './current-store.ts'
import { affectedEntities, deleteLinkedRecords } from './delete-store.ts'
import { explain } from './explain-store.ts'
import { deleteContext } from './incoming.ts'
import { targetIds } from './new-records.ts'
import { changeOf, linkFields, mergedRecord, needsCurrent } from './prepare.ts'
import { runStatement } from './run-statement.ts'
import type { StoredPatch } from './stored-data.ts'
import { storesWithin } from './stores-within.ts'
import { inTransaction } from './transaction-store.ts'
import { deleteWhere, rewriteStatement, updateWhere, type Where } from './update-sql.ts'
import { addedLinks, requireVisibleTargets } from './visible-targets.ts'
import { watched } from './watched.ts'
import type { WrittenRow } from './write.ts'

export interface Collection {
  /** The records, as the plan stage has understood the filter. */
  scope: Scope
  /** More records than this are left alone, all of them. */
  maxAffected: number | undefined
  /** The write must concern exactly one record. */
  single: boolean
  rollback: boolean
  answer: Answer
}

/** The picked records that are among the rows which the caller may touch. */
function whereAllowed(rows: Rows, { scope }: Collection): Where {
  const rule = conditionOf(rows)
  return (p: Parameters) => {
    const row = new Row(p)
    const picked = scopeSql(scope, row)
    return rule === undefined ? picked : `${picked} and ${conditionSql(rule, row)}`
  }
}

function checkAffected(count: number, { maxAffected, single }: Collection): void {
  if (single && count !== 1) throw errors.notSingular(count)
  if (maxAffected !== undefined && count > maxAffected) throw errors.maxAffectedExceeded(maxAffected, count)
}

/** Sets and unsets fields of every record that the filter picks. */
export async function changeMatching(
  stores: Stores,
  actor: Actor,
  patch: StoredPatch,
  collection: Collection,
): Promise<WrittenRow[]> {
  const { entity } = actor
  await requireUsableFiles(stores, actor, [patch])
  const targets = await targetIds(stores, actor)
  const context = writeContext(actor, collection.answer)
  const where = whereAllowed(actor.policy.change, collection)
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
    if (!survives(actor.policy.changed, change.touched))
      await requireAllowed(tx, entity, ids, actor.policy.changed)
    return completeRows(tx, entity, collection.answer, rows)
  }
  const { rollback } = collection
  return watched(stores, actor, collection.scope, () =>
    inTransaction(stores, actor, { entities: [entity], rollback }, complete),
  ).catch((error) => explain(stores, context, [{ ...change, id: NO_RECORD }], error))
}

const NO_RECORD = '00000000-0000-0000-0000-000000000000'

/** Deletes every record that the filter picks, and what their relations' on_delete says with them. */
export function deleteMatching(stores: Stores, actor: Actor, collection: Collection): Promise<WrittenRow[]> {
  return watched(stores, actor, collection.scope, () => deletePicked(stores, actor, collection))
}

async function deletePicked(stores: Stores, actor: Actor, collection: Collection): Promise<WrittenRow[]> {
  // An answer that is read by itself has to be read before the records, and the links to them, are gone.
  if (collection.answer.apart) return deleteLinkedMatching(stores, actor, collection)
  const { rollback, answer } = collection
  const simple = async (tx: Transaction) => {
    const rows = await runStatement(
      tx,
      deleteWhere(writeContext(actor, answer), whereAllowed(actor.policy.delete, collection)),
    )
    checkAffected(rows.length, collection)
    return rows
  }
  return inTransaction(stores, actor, { entities: [actor.entity], rollback }, simple).catch((error) => {
    if (violatedConstraint(error) !== 'target') throw error
    return deleteLinkedMatching(stores, actor, collection)
  })
}

async function deleteLinkedMatching(
  stores: Stores,
  actor: Actor,
  collection: Collection,
): Promise<WrittenRow[]> {
  const { caller, entity } = actor
  const { rollback, answer } = collection
  const entities = await stores.registry.entities(caller.tenant)
  const linked = deleteContext(actor, entities)
  const options = { entities: affectedEntities(entity, entities), rollback }
  return inTransaction(stores, actor, options, async (tx) => {
    const picked = await readForChange(tx, whereAllowed(actor.policy.delete, collection), 'update')
    checkAffected(picked.length, collection)
    const rows = await runStatement(
      tx,
      byIdsStatement(
        entity,
        picked.map(({ id }) => id),
        answer,
      ),
    )
    await deleteLinkedRecords(
      tx,
      linked,
      picked.map(({ id }) => ({ entity, id })),
    )
    return rows
  })
}
