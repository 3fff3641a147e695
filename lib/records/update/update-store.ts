// Changing one record: in one round trip where the change depends on nothing else, else on the record read and locked.
// A caller who may not change it is refused before the body is validated.

import { conditionOf, type RowRule, stillMatches } from '../../access/policy.ts'
import { Parameters } from '../../db/parameters.ts'
import { errors } from '../../errors.ts'
import { requireUsableFiles } from '../../files/file-values-store.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { getRecord, type StoredRecord, withEtag } from '../read/read-store.ts'
import type { ReturnPlan } from '../return-plan.ts'
import type { Converted, StoredPatch } from '../stored-data.ts'
import { changeOf, linkFields, mergedRecord, needsCurrent, type TargetIds } from '../write/column-changes.ts'
import { completeRows } from '../write/complete-rows-store.ts'
import { despitePending } from '../write/despite-pending-store.ts'
import { explainConflict } from '../write/explain-store.ts'
import { readForChange } from '../write/lock-store.ts'
import { targetIds } from '../write/new-records-store.ts'
import { requireAllowed } from '../write/row-rule-store.ts'
import { runStatement, runWrite } from '../write/run-statement-store.ts'
import { inTransaction } from '../write/transaction-store.ts'
import { storesWithin } from '../write/transaction-stores.ts'
import { rewriteStatement, updateStatement, whereRecord } from '../write/update-sql.ts'
import { addedLinks, requireVisibleTargets } from '../write/visible-references-store.ts'
import { writeContext, writeScope } from '../write/write-context.ts'
import { type Guard, type NewRecord, toWrittenRow, type WrittenRow } from '../write/written-row.ts'

/** How one record is written, whatever is done to it. */
export interface WriteOptions {
  /** Those that If-Match accepts; undefined: any. */
  versions: number[] | undefined
  answer: ReturnPlan
  /** Everything happens and nothing stays. */
  rollback: boolean
}

interface GuardedPatch extends Pick<WriteOptions, 'answer' | 'rollback'> {
  id: string
  patch: StoredPatch
  guard: Guard
  targets: TargetIds
}

async function isAllowed({ db }: RecordContext, actor: Actor, id: string, rows: RowRule): Promise<boolean> {
  const p = new Parameters()
  const where = whereRecord(writeScope(actor), id, { rule: conditionOf(rows) }, p)
  const statement = { text: `select 1 from record r where ${where}`, values: p.values }
  return (await db.read(actor.caller.tenant, statement)).length > 0
}

/** errors.recordNotFound, or errors.forbidden when it is none of the rows that the caller may touch. */
async function requireChangeable(
  stores: RecordContext,
  actor: Actor,
  id: string,
  rows: RowRule,
): Promise<void> {
  await getRecord(stores, actor, id)
  if (rows !== true && !(await isAllowed(stores, actor, id, rows)))
    throw errors.forbidden('a permission for this record')
}

/** Why a write met no record: it is missing, or another's, or not at a version that If-Match accepts. */
export async function refuse(stores: RecordContext, actor: Actor, id: string, rows: RowRule): Promise<never> {
  await requireChangeable(stores, actor, id, rows)
  throw errors.preconditionFailed()
}

export interface Change extends WriteOptions {
  /** Field key -> value, null to unset; and what is wrong with the body that it comes from. */
  body: Converted
}

/** Sets and unsets fields of one record. */
export async function changeRecord(
  stores: RecordContext,
  actor: Actor,
  id: string,
  { body, versions, answer, rollback }: Change,
): Promise<StoredRecord> {
  const targets = await targetIds(stores, actor)
  await requireValid(stores, actor, body).catch(async (error) => {
    await requireChangeable(stores, actor, id, actor.policy.updateUsing)
    throw error
  })
  const guard: Guard = { versions, rule: conditionOf(actor.policy.updateUsing) }
  const written = await write(stores, actor, { answer, rollback, id, patch: body.data, guard, targets })
  return written === undefined
    ? refuse(stores, actor, id, actor.policy.updateUsing)
    : withEtag(stores, actor, written)
}

async function requireValid(
  stores: RecordContext,
  actor: Actor,
  { data, violations }: Converted,
): Promise<void> {
  if (violations.length > 0) throw errors.invalidBody(violations)
  await requireUsableFiles(stores, actor, [data])
}

function write(stores: RecordContext, actor: Actor, change: GuardedPatch): Promise<WrittenRow | undefined> {
  const touched = Object.keys(change.patch)
  // Links too: a blind change would not see, and so would leave, those that another change has made meanwhile.
  const free = !needsCurrent(actor.entity, touched) && linkFields(actor.entity, touched).length === 0
  const alone = !change.rollback && !change.answer.apart
  const blind = alone && free && stillMatches(actor.policy.updateCheck, touched)
  return blind ? writeBlind(stores, actor, change) : writeLocked(stores, actor, change)
}

async function writeBlind(
  stores: RecordContext,
  actor: Actor,
  { id, patch, guard, targets, answer }: GuardedPatch,
) {
  const context = writeContext(actor, answer)
  const change = changeOf(actor.entity, {}, patch, targets)
  const [row] = await despitePending(actor, [change], ([one = change]) =>
    runWrite(stores, context, [one], updateStatement(context, id, one, guard)),
  ).catch((error) => explainConflict(stores, context, [{ ...change, id }], error))
  return row === undefined ? undefined : toWrittenRow(row)
}

async function writeLocked(
  stores: RecordContext,
  actor: Actor,
  { id, patch, guard, targets, ...how }: GuardedPatch,
) {
  const { entity } = actor
  const { answer, rollback } = how
  const context = writeContext(actor, answer)
  const attempted: NewRecord[] = []
  return inTransaction(stores, actor, { entities: [entity], rollback }, async (tx) => {
    const [current] = await readForChange(tx, (p) => whereRecord(context, id, guard, p))
    if (current === undefined) return undefined
    const links = addedLinks(actor, current.data, patch, targets)
    await requireVisibleTargets(storesWithin(stores, tx), actor, [{ links }])
    attempted[0] = mergedRecord(entity, current, patch, targets)
    const fields = linkFields(entity, Object.keys(patch))
    const rows = await despitePending({ entity, tx }, attempted, (written) =>
      runStatement(tx, rewriteStatement(context, written, fields)),
    )
    if (!stillMatches(actor.policy.updateCheck, Object.keys(patch)))
      await requireAllowed(tx, entity, [id], actor.policy.updateCheck)
    return (await completeRows(tx, entity, answer, rows))[0]
  }).catch((error) => explainConflict(stores, context, attempted, error))
}
