// Deletes all records that a filter selects, in one transaction.

import { violatedConstraint } from '../../db/constraints.ts'
import type { Transaction } from '../../db/statement.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { withIndexAdvice } from '../index-advice.ts'
import { RETURN_NOTHING } from '../return-plan.ts'
import { lockIds, whereIds } from '../write/bounded-read-store.ts'
import { byIdsStatement } from '../write/complete-rows-store.ts'
import { countedDelete, deleteWhere } from '../write/delete-sql.ts'
import { type Affected, type Collection, checkAffected, whereAllowed } from '../write/matching.ts'
import { runCounted, writePicked } from '../write/picked-store.ts'
import { runStatement } from '../write/run-statement-store.ts'
import { inTransaction } from '../write/transaction-store.ts'
import { writeContext } from '../write/write-context.ts'
import { affectedEntities, deleteLinkedRecords } from './cascade-store.ts'
import { deleteContext } from './delete-context.ts'

/** Deletes every record that the filter picks, and what their relations' on_delete says with them. */
export function deleteMatching(
  stores: RecordContext,
  actor: Actor,
  collection: Collection,
): Promise<Affected> {
  return withIndexAdvice(stores, actor, collection.scope, () => deletePicked(stores, actor, collection))
}

async function deletePicked(stores: RecordContext, actor: Actor, collection: Collection): Promise<Affected> {
  const { rollback, answer } = collection
  // An answer that is read by itself has to be read before the records, and the links to them, are gone.
  if (answer.apart) return deleteLinkedMatching(stores, actor, collection)
  const options = { entities: [actor.entity], rollback }
  return inTransaction(stores, actor, options, (tx) => deleteUnlinked(tx, actor, collection)).catch(
    (error) => {
      if (violatedConstraint(error) !== 'target') throw error
      return deleteLinkedMatching(stores, actor, collection)
    },
  )
}

/** Without a look at what links to the records: PostgreSQL refuses when there is something. */
function deleteUnlinked(tx: Transaction, actor: Actor, collection: Collection): Promise<Affected> {
  const context = writeContext(actor, collection.answer)
  const where = whereAllowed(actor.policy.delete, collection)
  if (collection.answer === RETURN_NOTHING) return runCounted(tx, countedDelete(context, where), collection)
  const pick = { where, lock: 'update', measured: false } as const
  return writePicked(tx, pick, collection, (ids) =>
    runStatement(tx, deleteWhere(context, whereIds(actor.entity, ids))),
  )
}

async function deleteLinkedMatching(
  stores: RecordContext,
  actor: Actor,
  collection: Collection,
): Promise<Affected> {
  const { caller, entity } = actor
  const { rollback, answer } = collection
  const entities = await stores.registry.entities(caller.tenant)
  const linked = deleteContext(actor, entities)
  const options = { entities: affectedEntities(entity, entities), rollback }
  return inTransaction(stores, actor, options, async (tx) => {
    const ids = await lockIds(tx, whereAllowed(actor.policy.delete, collection), 'update')
    checkAffected(ids.length, collection)
    const rows = answer === RETURN_NOTHING ? [] : await runStatement(tx, byIdsStatement(entity, ids, answer))
    await deleteLinkedRecords(
      tx,
      linked,
      ids.map((id) => ({ entity, id })),
    )
    return { rows, count: ids.length }
  })
}
