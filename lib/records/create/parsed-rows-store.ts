// Stores the rows of a list as they were parsed, some of them with violations: all rows or none, with a refusal that names
// each bad one; or the good ones, with an outcome for each row.

import { MOST_LISTED, Problem, type Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { Actor, RecordContext } from '../actor.ts'
import { RETURN_NOTHING } from '../return-plan.ts'
import { atRows } from '../write/row-problem.ts'
import { type Stored, type StoreOptions, storeGoodRecords, storeRecords } from './batch-store.ts'
import { createRecords } from './create-store.ts'
import type { ParsedRow, RowOutcome } from './row.ts'

/** The good rows, and the places that they have among all. */
function goodRows(rows: readonly ParsedRow[]) {
  const numbers = rows.flatMap(({ violations }, row) => (violations.length === 0 ? [row] : []))
  return { numbers, candidates: numbers.map((row) => (rows[row] as ParsedRow).candidate) }
}

/** Stores every row or none; the refusal names each bad row, by itself or beside records that exist. */
export async function storeAllRows(
  stores: RecordContext,
  actor: Actor,
  rows: readonly ParsedRow[],
  options: StoreOptions,
): Promise<Stored> {
  // What comes from the metadata alone has to come from the present one.
  if (rows.length === 0) await stores.registry.confirm(actor.caller.tenant)
  const { numbers, candidates } = goodRows(rows)
  if (numbers.length === rows.length)
    return createRecords(stores, actor, candidates, options).catch(atRows(numbers))
  const refused = rows.flatMap(({ violations }, row) => violations.map((one) => ({ ...one, row })))
  // More than can be listed need no others.
  const others = refused.length > MOST_LISTED ? [] : await conflictsOf(stores, actor, rows, options)
  throw errors.invalidBody([...refused, ...others].sort((a, b) => (a.row ?? 0) - (b.row ?? 0)))
}

/** The violations of the good rows if they came alone: they are stored and rolled back. */
async function conflictsOf(
  stores: RecordContext,
  actor: Actor,
  rows: readonly ParsedRow[],
  { merge }: StoreOptions,
): Promise<Violation[]> {
  const { numbers, candidates } = goodRows(rows)
  const options = { merge, answer: RETURN_NOTHING, rollback: true }
  try {
    await storeRecords(stores, actor, candidates, options).catch(atRows(numbers))
    return []
  } catch (error) {
    if (error instanceof Problem) return error.extras.errors ?? []
    throw error
  }
}

/** Stores the good rows that can be stored; the outcome of each row, in their order. */
export async function storeGoodRows(
  stores: RecordContext,
  actor: Actor,
  rows: readonly ParsedRow[],
  options: StoreOptions,
): Promise<(RowOutcome | { violations: Violation[] })[]> {
  const { numbers, candidates } = goodRows(rows)
  if (numbers.length === 0) await stores.registry.confirm(actor.caller.tenant)
  const stored = await storeGoodRecords(stores, actor, candidates, options)
  const outcomes = new Map(numbers.map((row, at) => [row, stored[at] as RowOutcome]))
  return rows.map(({ violations }, row) => outcomes.get(row) ?? { violations })
}
