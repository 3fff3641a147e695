// Deletes one record by id; rejects with 404, 409 or 412.

import { conditionOf } from '../../access/policy.ts'
import { violatedConstraint } from '../../db/constraints.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { type StoredRecord, withEtag } from '../read/read-store.ts'
import { RETURN_NOTHING } from '../return-plan.ts'
import { refuse, type WriteOptions } from '../update/update-store.ts'
import { byIdsStatement } from '../write/complete-rows-store.ts'
import { deleteWhere } from '../write/delete-sql.ts'
import { readForChange } from '../write/lock-store.ts'
import { runStatement } from '../write/run-statement-store.ts'
import { inTransaction } from '../write/transaction-store.ts'
import { type Where, whereRecord } from '../write/update-sql.ts'
import { writeContext } from '../write/write-context.ts'
import { type Guard, toWrittenRow, type WrittenRow } from '../write/written-row.ts'
import { affectedEntities, deleteLinkedRecords } from './cascade-store.ts'
import { deleteContext } from './delete-context.ts'

/** Deletes one record, and what its relations' on_delete says with it; the answer has it as it was. */
export async function deleteRecord(
  stores: RecordContext,
  actor: Actor,
  id: string,
  options: WriteOptions,
): Promise<StoredRecord> {
  const guard: Guard = { versions: options.versions, rule: conditionOf(actor.policy.delete) }
  const context = writeContext(actor, options.answer)
  const where: Where = (p) => whereRecord(context, id, guard, p)
  const alone = !options.rollback && options.answer === RETURN_NOTHING
  const deleted = await (alone ? deleteAlone : deleteLinked)(stores, actor, where, options)
  if (deleted === undefined) return refuse(stores, actor, id, actor.policy.delete)
  return withEtag(stores, actor, deleted)
}

type Delete = (
  stores: RecordContext,
  actor: Actor,
  where: Where,
  options: WriteOptions,
) => Promise<WrittenRow | undefined>

/** In one round trip, unless other records link to it. */
const deleteAlone: Delete = async (stores, actor, where, options) => {
  const { caller, entity } = actor
  const statement = deleteWhere(writeContext(actor, options.answer), where)
  try {
    const [row] = await stores.db.write(caller.tenant, [entity.id], statement)
    return row === undefined ? undefined : toWrittenRow(row)
  } catch (error) {
    if (violatedConstraint(error) !== 'target') throw error
    return deleteLinked(stores, actor, where, options)
  }
}

const deleteLinked: Delete = async (stores, actor, where, { answer, rollback }) => {
  const { caller, entity } = actor
  const entities = await stores.registry.entities(caller.tenant)
  const affected = affectedEntities(entity, entities)
  const context = deleteContext(actor, entities)
  return inTransaction(stores, actor, { entities: affected, rollback }, async (tx) => {
    const [record] = await readForChange(tx, where, 'update')
    if (record === undefined) return undefined
    const [told] = await runStatement(tx, byIdsStatement(entity, [record.id], answer))
    await deleteLinkedRecords(tx, context, [{ entity, id: record.id }])
    return told
  })
}
