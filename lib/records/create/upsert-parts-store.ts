// Finds and locks the records that the rows of an upsert meet, and merges the rows in parts whose records fit into memory.

import { splitBySize } from '../../db/batch-size.ts'
import type { Transaction } from '../../db/statement.ts'
import type { UniqueConstraint } from '../../entities/entity.ts'
import type { Actor } from '../actor.ts'
import { lockMet, type MetRecord, readLocked } from '../write/bounded-read-store.ts'
import { atRows } from '../write/row-problem.ts'
import { withSavepoint } from '../write/savepoint-store.ts'
import type { NewRecord } from '../write/written-row.ts'
import type { MergeOptions, StoredRow } from './row.ts'
import { type FoundMerge, type Merge, mergeOnce, RACE } from './upsert-batch-store.ts'
import { identify } from './upsert-rows.ts'

/** Merges the rows part by part, so that the records which one part meets fit into memory; all or none. */
export async function mergeParts(
  tx: Transaction,
  merge: Merge,
  mayRace: boolean,
): Promise<StoredRow[] | typeof RACE> {
  const { actor, fresh, rows, options } = merge
  const met = await meet(tx, actor, fresh, options.target)
  const parts = splitBySize(
    fresh.map((record, at) => sizedRow(record, at, options, met)),
    fresh.length,
  )
  if (options.resolution === 'ignore-duplicates' || isRead(met))
    return mergeOnce(tx, { ...merge, met }, mayRace)
  const mergeAll = async () => {
    const stored: StoredRow[] = []
    for (const part of parts) {
      const numbers = part.map(({ at }) => at)
      const found = await readPart(tx, actor, part)
      const own = { ...merge, met: found, fresh: pick(fresh, numbers), rows: pick(rows, numbers) }
      const written = await mergeOnce(tx, own, mayRace).catch(atRows(numbers))
      if (written === RACE) throw new LostRace()
      stored.push(...written)
    }
    return stored
  }
  return withSavepoint<StoredRow[] | typeof RACE>(tx, mergeAll, async (error) => {
    if (error instanceof LostRace) return RACE
    throw error
  })
}

/** Leaves the savepoint of all parts when one has lost a race. */
class LostRace extends Error {}

interface SizedRow {
  at: number
  /** Undefined: the row meets no record. */
  met: MetRecord | undefined
  size: number
}

function sizedRow(
  record: NewRecord,
  at: number,
  { target }: MergeOptions,
  all: ReadonlyMap<string, MetRecord>,
): SizedRow {
  const met = all.get(identify(record, target) ?? '')
  return { at, met, size: met?.size ?? 0 }
}

const pick = <T>(items: readonly T[], numbers: readonly number[]) => numbers.map((at) => items[at] as T)

/** Whether the data of every record was within the bytes of one batch. */
function isRead(met: ReadonlyMap<string, MetRecord>): boolean {
  return [...met.values()].every(({ data }) => data !== null)
}

/** The records that a part meets, with their data; by what identifies them. */
async function readPart(
  tx: Transaction,
  { entity }: Actor,
  part: readonly SizedRow[],
): Promise<FoundMerge['met']> {
  const identities = new Map(part.flatMap(({ met }) => (met === undefined ? [] : [[met.id, met.identity]])))
  const current = await readLocked(tx, entity, [...identities.keys()])
  return new Map(current.map((record) => [identities.get(record.id) ?? '', record]))
}

/** Locks the records that the rows meet; by what identifies them. */
async function meet(
  tx: Transaction,
  { entity }: Actor,
  rows: readonly NewRecord[],
  target: UniqueConstraint | null,
): Promise<Map<string, MetRecord>> {
  const values = rows.map((row) => identify(row, target)).filter((value) => value !== null)
  const column = target === null ? 'id' : `u${target.slot}`
  const met = await lockMet(tx, entity, column, values)
  return new Map(met.map((record) => [record.identity, record]))
}
