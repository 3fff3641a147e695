// Creating and deleting records: one round trip each unless something stands against it. What stood against it is
// found out afterwards, so that the way that succeeds costs nothing for it.

import { conditionOf } from '../access/policy.ts'
import type { TextRow } from '../postgres/queryable.ts'
import { type Actor, type Stores, wholeRecord, writeContext } from './actor.ts'
import { type Answer, byIdsStatement, NO_ANSWER } from './answer.ts'
import { storeRecords } from './batch-store.ts'
import { refuse, type WriteOptions } from './change-store.ts'
import { violatedConstraint } from './conflicts.ts'
import { readForChange } from './current-store.ts'
import { affectedEntities, deleteLinkedRecords } from './delete-store.ts'
import { explain } from './explain-store.ts'
import { deleteContext } from './incoming.ts'
import { insertStatement } from './insert-sql.ts'
import { newRecords } from './new-records.ts'
import { type StoredRecord, storedRecord } from './read-store.ts'
import { runStatement, runWrite } from './run-statement.ts'
import type { StoredPatch } from './stored-data.ts'
import { inTransaction } from './transaction-store.ts'
import { deleteWhere, type Where, whereRecord } from './update-sql.ts'
import type { Guard, WrittenRow } from './write.ts'

/**
 * Creates records, all or none.
 *
 * @param data stored data of each, in the order of the answer
 */
export async function createRecords(
  stores: Stores,
  actor: Actor,
  data: StoredPatch[],
  answer: Answer = wholeRecord(actor),
): Promise<WrittenRow[]> {
  if (data.length === 0) return []
  if (actor.policy.create !== true) {
    // A transaction can look at what it has written.
    const candidates = data.map((whole) => ({ whole, given: {}, id: undefined }))
    return (await storeRecords(stores, actor, candidates, { answer, merge: undefined, rollback: false })).rows
  }
  const rows = await newRecords(stores, actor, data)
  const context = writeContext(actor, answer)
  const written = await runWrite(stores, context, rows, insertStatement(context, rows)).catch((error) =>
    explain(stores, context, rows, error),
  )
  return (written as TextRow[]).map(([record, version, id]) => ({ record, version, id }) as WrittenRow)
}

/** Deletes one record, and what its relations' on_delete says with it; it is told as it was. */
export async function deleteRecord(
  stores: Stores,
  actor: Actor,
  id: string,
  options: WriteOptions,
): Promise<StoredRecord> {
  const guard: Guard = { versions: options.versions, rule: conditionOf(actor.policy.delete) }
  const context = writeContext(actor, options.answer)
  const where: Where = (p) => whereRecord(context, id, guard, p)
  const alone = !options.rollback && options.answer === NO_ANSWER
  const deleted = await (alone ? deleteAlone : deleteLinked)(stores, actor, where, options)
  if (deleted === undefined) return refuse(stores, actor, id, actor.policy.delete)
  return storedRecord(actor, deleted.record, deleted.version, id)
}

type Delete = (
  stores: Stores,
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
    const [record, version, id] = (row ?? []) as string[]
    return record === undefined ? undefined : ({ record, version, id } as WrittenRow)
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
