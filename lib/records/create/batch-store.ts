// Storing the rows of a request in one transaction: all or none, or each as far as it can be.

import { rowsOfSize } from '../../db/batch-size.ts'
import type { Transaction } from '../../db/statement.ts'
import { sizeOfDefaults } from '../../entities/default-size.ts'
import type { Entity } from '../../entities/entity.ts'
import { targetsFiles } from '../../entities/references.ts'
import { LARGEST_ANSWER } from '../../errors/codes.ts'
import { errors } from '../../errors.ts'
import { holdersFor } from '../../files/file-access.ts'
import type { Actor, RecordContext } from '../actor.ts'
import type { ReturnPlan } from '../return-plan.ts'
import { completeRows } from '../write/complete-rows-store.ts'
import { targetIds } from '../write/new-records-store.ts'
import { withViolations } from '../write/row-problem.ts'
import { inTransaction } from '../write/transaction-store.ts'
import type { WrittenRow } from '../write/written-row.ts'
import { inserter } from './insert-writer-store.ts'
import { outcomeAt, tryBatch, tryEach } from './partial-store.ts'
import type { IncomingRecord, MergeOptions, RowOutcome, Writer } from './row.ts'
import { merger } from './upsert-store.ts'

export interface StoreOptions {
  /** How rows meet records that exist; undefined: they are all new. */
  merge: MergeOptions | undefined
  answer: ReturnPlan
  rollback: boolean
  /** Rows may have ids and times of another system. */
  keepsSystemFields?: boolean
}

export interface Stored {
  /** In the order of the rows, or in the one asked for; without those that were ignored. */
  rows: WrittenRow[]
  created: number
}

const BATCH = 1000

/**
 * Rows that one statement stores, and that are tried together where each may fail for itself: as many as fit into memory with
 * the defaults of the entity, which take no room in a body.
 */
export const rowsOfBatch = (entity: Entity) => rowsOfSize(sizeOfDefaults(entity), BATCH)

const MEBIBYTE = 2 ** 20

/** A writer for one run of a transaction. What it needs to know of other entities is read here, before it begins. */
export async function prepareWriter(
  stores: RecordContext,
  actor: Actor,
  { merge, answer }: Omit<StoreOptions, 'rollback'>,
): Promise<() => Writer> {
  const targets = await targetIds(stores, actor)
  // So that the registry has in memory what it is asked for inside the transaction.
  if (targetsFiles(actor.entity)) await holdersFor(stores.registry, actor.caller)
  return () =>
    merge === undefined
      ? inserter(stores, actor, targets, answer)
      : merger(stores, actor, targets, { ...merge, answer })
}

/** Stores every row, or none; then the refusal names every row that it concerns. */
export async function storeRecords(
  stores: RecordContext,
  actor: Actor,
  rows: readonly IncomingRecord[],
  options: StoreOptions,
): Promise<Stored> {
  if (rows.length === 0) return { rows: [], created: 0 }
  const writer = await prepareWriter(stores, actor, options)
  return inTransaction(stores, actor, transactionOf(actor, options), async (tx) => {
    const write = writer()
    const outcomes = await inBatches(rows, rowsOfBatch(actor.entity), (batch) => tryBatch(tx, write, batch))
    refuseAny(outcomes)
    const stored = outcomes.flatMap((outcome) => ('row' in outcome && outcome.row) || [])
    const created = outcomes.filter((outcome) => 'row' in outcome && outcome.created).length
    return { rows: await completeRows(tx, actor.entity, options.answer, stored), created }
  })
}

/** Stores the rows that can be stored. */
export async function storeGoodRecords(
  stores: RecordContext,
  actor: Actor,
  rows: readonly IncomingRecord[],
  options: StoreOptions,
): Promise<RowOutcome[]> {
  if (rows.length === 0) return []
  const writer = await prepareWriter(stores, actor, options)
  return inTransaction(stores, actor, transactionOf(actor, options), async (tx) => {
    const write = writer()
    const outcomes = await inBatches(rows, rowsOfBatch(actor.entity), (batch) => tryEach(tx, write, batch))
    return completeOutcomes(tx, actor.entity, options.answer, outcomes)
  })
}

function transactionOf({ entity }: Actor, { rollback }: StoreOptions) {
  return { entities: [entity], rollback }
}

async function inBatches(
  rows: readonly IncomingRecord[],
  most: number,
  store: (batch: readonly IncomingRecord[]) => Promise<RowOutcome[]>,
): Promise<RowOutcome[]> {
  const outcomes: RowOutcome[] = []
  let size = 0
  for (let at = 0; at < rows.length; at += most) {
    const stored = await store(rows.slice(at, at + most))
    size += stored.reduce((sum, outcome) => sum + lengthOf(outcome), 0)
    if (size > LARGEST_ANSWER * MEBIBYTE) throw errors.answerTooLarge(LARGEST_ANSWER)
    outcomes.push(...stored.map((outcome) => outcomeAt(outcome, (row) => at + row)))
  }
  return outcomes
}

const lengthOf = (outcome: RowOutcome) => ('row' in outcome && outcome.row?.record.length) || 0

/** Throws what stands against the rows that could not be stored, if there are any. */
function refuseAny(outcomes: readonly RowOutcome[]): void {
  const refused = outcomes.flatMap((outcome, row) => ('refusal' in outcome ? [{ ...outcome, row }] : []))
  const [first] = refused
  if (first === undefined) return
  const violations = refused.flatMap((one) =>
    one.violations.map((violation) => ({ ...violation, row: one.row })),
  )
  throw withViolations(first.refusal, violations)
}

/** The outcomes with the rows as the answer wants them. */
async function completeOutcomes(
  tx: Transaction,
  entity: Entity,
  answer: ReturnPlan,
  outcomes: readonly RowOutcome[],
): Promise<RowOutcome[]> {
  const rows = outcomes.flatMap((outcome) => ('row' in outcome && outcome.row) || [])
  const complete = await completeRows(tx, entity, answer, rows)
  const byId = new Map(complete.map((row) => [row.id, row]))
  return outcomes.map((outcome) =>
    'row' in outcome && outcome.row ? { ...outcome, row: byId.get(outcome.row.id) } : outcome,
  )
}
