// Deletes all records that a filter selects, in one transaction.

import { violatedConstraint } from '../../db/constraints.ts'
import type { Transaction } from '../../db/statement.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { withIndexAdvice } from '../index-advice.ts'
import { byIdsStatement } from '../write/complete-rows-store.ts'
import { readForChange } from '../write/lock-store.ts'
import { type Collection, checkAffected, whereAllowed } from '../write/matching.ts'
import { runStatement } from '../write/run-statement-store.ts'
import { inTransaction } from '../write/transaction-store.ts'
import { deleteWhere } from '../write/update-sql.ts'
import { writeContext } from '../write/write-context.ts'
import type { WrittenRow } from '../write/written-row.ts'
import { affectedEntities, deleteLinkedRecords } from './cascade-store.ts'
import { deleteContext } from './delete-context.ts'

/** Deletes every record that the filter picks, and what their relations' on_delete says with them. */
export function deleteMatching(
  stores: RecordContext,
  actor: Actor,
  collection: Collection,
): Promise<WrittenRow[]> {
  return withIndexAdvice(stores, actor, collection.scope, () => deletePicked(stores, actor, collection))
}

async function deletePicked(
  stores: RecordContext,
  actor: Actor,
  collection: Collection,
): Promise<WrittenRow[]> {
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
  stores: RecordContext,
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
