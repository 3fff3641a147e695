// One step of a change that is prepared beside live traffic: a batch of records that are not prepared yet, then those whose
// misfits have not been looked at, and last the change itself.

import { onPresentEpoch } from '../../db/current-epoch.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Transaction } from '../../db/statement.ts'
import type { Entity, PendingChange } from '../../entities/entity.ts'
import { errorCode, FOREIGN_KEY_VIOLATION } from '../../errors/codes.ts'
import { Problem } from '../../errors/problem.ts'
import {
  type BatchContext,
  type EntityJob,
  LOCK_TIMEOUT_MS,
  runBatchStep,
} from '../../schema/batch-step-store.ts'
import {
  blockConversion,
  type Conversion,
  lockConversion,
  noteWork,
  saveProgress,
} from '../../schema/conversion/conversion-store.ts'
import { uncheckDependent, uncheckedRecords } from '../../schema/conversion/misfit-store.ts'
import { needsLookup } from '../../schema/conversion/prepare-value.ts'
import { findEntityById } from '../../schema/entity-store.ts'
import { savePlanProgress } from '../../schema/plan/plan-store.ts'
import { flip } from './flip-store.ts'
import { prepareRecords } from './prepare-store.ts'
import { settleRecords } from './settle-store.ts'

const BATCH = 1000

/** Seconds until a change that was refused is tried again. */
const REFUSED = 60

/** What a step works on. */
interface Work {
  scope: TenantScope
  conversion: Conversion
  entity: Entity & { pending: PendingChange }
}

/** Undefined when nothing is left to do for this worker. */
async function findWork(tx: Transaction, scope: TenantScope, job: EntityJob): Promise<Work | undefined> {
  const conversion = await lockConversion(tx, job)
  const entity = await findEntityById(tx, job)
  const { pending } = entity ?? {}
  if (conversion === undefined || entity === undefined || pending?.id !== conversion.planId) return undefined
  return { scope, conversion, entity: { ...entity, pending } }
}

/** One batch, with writers let in; null when nothing is left to do for this worker. */
async function runBatch(tx: Transaction, scope: TenantScope, job: EntityJob) {
  await tx.query(`set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS}`)
  const work = await findWork(tx, scope, job)
  if (work === undefined) return null
  if (work.conversion.resting) await lookAgain(tx, work)
  if (isFilling(work.conversion)) {
    await fill(tx, job, work)
    return { isLast: false }
  }
  const unchecked = await uncheckedRecords(tx, work.entity, BATCH)
  await settleRecords(tx, work, unchecked)
  await noteWork(tx, job)
  return { isLast: unchecked.length < BATCH }
}

function isFilling({ afterId, uptoId }: Conversion): boolean {
  return uptoId !== null && afterId < uptoId
}

async function fill(tx: Transaction, job: EntityJob, { scope, conversion, entity }: Work): Promise<void> {
  const { afterId, uptoId } = conversion
  const { rows } = await tx.query<{ id: string }>(
    `select id from record where tenant_id = $1 and entity_id = $2 and id > $3 and id <= $4 order by id limit ${BATCH}`,
    [entity.tenantId, entity.id, afterId, uptoId],
  )
  const ids = rows.map(({ id }) => id)
  await prepareRecords(tx, { scope, entity, givesUp: false }, ids)
  const last = rows.length < BATCH ? uptoId : ids.at(-1)
  await saveProgress(tx, job, { afterId: last as string, more: ids.length })
  const progress = { done: conversion.done + ids.length, total: conversion.total }
  const { text, values } = savePlanProgress(entity, conversion.planId, progress)
  await tx.query(text, [...values])
  // What records had in the way of others is gone.
  if (last === uptoId) await uncheckDependent(tx, entity, [])
}

/** Has the job look again at what may have settled since a change was blocked. */
async function lookAgain(tx: Transaction, { entity }: Work): Promise<void> {
  const looked = entity.pending.fields.filter(needsLookup).map(({ to }) => to.key)
  await uncheckDependent(tx, entity, looked)
}

/** Does one more batch, or puts the change in force; `done` when nothing is left for this worker now. */
export async function conversionStep(context: BatchContext, job: EntityJob): Promise<'more' | 'done'> {
  try {
    return await runBatchStep(context, job, {
      batch: (tx, scope) => runBatch(tx, scope, job),
      finish: async (tx, _batch, scope) => (await flip(tx, scope, job)) !== 'again',
    })
  } catch (error) {
    // A record that a value leads to was deleted meanwhile: it is looked up again.
    if (errorCode(error) === FOREIGN_KEY_VIOLATION) return 'more'
    if (error instanceof Problem) await rest(context, job)
    throw error
  }
}

/** Lets a change rest that is refused for other reasons than its records, such as a quota. */
async function rest({ db, directory }: BatchContext, job: EntityJob): Promise<void> {
  await onPresentEpoch(directory, job.tenantId, (scope) =>
    db.transaction(scope, [], async (tx) => {
      const conversion = await lockConversion(tx, job)
      if (conversion !== undefined) await blockConversion(tx, job, { ...conversion, seconds: REFUSED })
    }),
  )
}
