// New records from stored data: their ids and columns; refuses values that the rows of one request have twice.

import { mapYielding } from '../../concurrency/yielding-map.ts'
import { requireClient } from '../../db/while-awaited.ts'
import { FILES } from '../../entities/entity.ts'
import { newRecordId } from '../../entities/record-id.ts'
import { targetsOf } from '../../entities/references.ts'
import { errors } from '../../errors.ts'
import { requireUsableFiles } from '../../files/file-values-store.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { type StoredPatch, withoutNulls } from '../stored-data.ts'
import { columnsOf, type TargetIds } from './column-changes.ts'
import { duplicatesWithin, takenByOthers, takenStatement } from './conflicts.ts'
import { RepeatedRows } from './row-problem.ts'
import type { TransactionContext } from './transaction-stores.ts'
import { requireVisibleTargets } from './visible-references-store.ts'
import { writeScope } from './write-context.ts'
import type { NewRecord } from './written-row.ts'

/** Ids of the entities that relations of this one point to. */
export async function targetIds({ registry }: RecordContext, { caller, entity }: Actor): Promise<TargetIds> {
  const ids = new Map<string, number>()
  for (const name of targetsOf(entity)) ids.set(name, (await registry.entity(caller.tenant, name)).id)
  return ids
}

/** A record of each row, in the order given; errors.invalidBody for a file, errors.referenceConflict for a relation. */
export async function makeRecords(
  stores: TransactionContext,
  actor: Actor,
  data: readonly StoredPatch[],
  targets: TargetIds,
): Promise<NewRecord[]> {
  const rows = await shapeRecords(stores, actor, data, targets)
  if (rows.some(({ links }) => links.length > 0)) await requireVisibleTargets(stores, actor, rows)
  return rows
}

/** As makeRecords, without a look at the targets of relations. */
export async function shapeRecords(
  stores: TransactionContext,
  actor: Actor,
  data: readonly StoredPatch[],
  targets: TargetIds,
): Promise<NewRecord[]> {
  const shape = (d: StoredPatch) => ({
    ...columnsOf(actor.entity, withoutNulls(d), targets),
    id: newRecordId(),
  })
  const rows = await mapYielding(data, shape, () => requireClient(actor))
  if (rows.some(({ links }) => links.some(({ toEntity }) => toEntity === FILES)))
    await requireUsableFiles(stores, actor, data)
  return rows
}

/** RepeatedRows when two of the rows have one unique value. */
export function refuseRepeated({ entity, policy }: Actor, rows: readonly NewRecord[]): void {
  const repeated = duplicatesWithin({ entity, readable: policy.readable }, rows)
  if (repeated.length > 0) throw new RepeatedRows(repeated)
}

/** The rows to insert, in the order given; errors.uniqueConflict, and what makeRecords throws. */
export async function newRecords(
  stores: RecordContext,
  actor: Actor,
  data: readonly StoredPatch[],
): Promise<NewRecord[]> {
  const rows = await makeRecords(stores, actor, data, await targetIds(stores, actor))
  if (rows.length > 1) await requireDistinct(stores, actor, rows)
  return rows
}

/** errors.uniqueConflict names values that the rows have twice, together with those that other records have. */
async function requireDistinct(
  { db }: RecordContext,
  actor: Actor,
  rows: readonly NewRecord[],
): Promise<void> {
  const context = writeScope(actor)
  const repeated = duplicatesWithin(context, rows).map(({ violation }) => violation)
  if (repeated.length === 0) return
  const found = await db.read(context.scope, takenStatement(context, rows))
  const others = takenByOthers(context, rows, found).filter(
    (one) => !repeated.some(({ row, pointer }) => row === one.row && pointer === one.pointer),
  )
  throw errors.uniqueConflict([...repeated, ...others].sort((a, b) => (a.row ?? 0) - (b.row ?? 0)))
}
