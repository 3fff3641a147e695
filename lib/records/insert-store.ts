// Inserting many records in one transaction, for what one round trip cannot do: an answer with related records, a trial
// that is rolled back, very many records, or storing the good rows of a batch and telling what stands against each of the others.
import { Problem, type Violation } from '../errors/problem.ts'
import type { Queryable } from '../postgres/queryable.ts'
import { type Actor, type Stores, writeContext } from './actor.ts'
import { requireAllowed } from './allowed-store.ts'
import { type Answer, completeRows } from './answer.ts'
import { explain } from './explain-store.ts'
import { insertStatement } from './insert-sql.ts'
import { newRecords } from './new-records.ts'
import { runStatement } from './run-statement.ts'
import type { StoredPatch } from './stored-data.ts'
import { inTransaction } from './transaction-store.ts'
import type { WrittenRow } from './write.ts'

export interface InsertOptions {
  answer: Answer
  rollback: boolean
}

/** Records that one statement may insert. */
export const ONE_STATEMENT = 1000

/** Inserts records, all or none. */
export async function insertRecords(
  stores: Stores,
  actor: Actor,
  data: readonly StoredPatch[],
  { answer, rollback }: InsertOptions,
): Promise<WrittenRow[]> {
  if (data.length === 0) return []
  const rows = await newRecords(stores, actor, data)
  const context = writeContext(actor, answer)
  const work = async (tx: Queryable) => {
    const written: WrittenRow[][] = []
    for (let at = 0; at < rows.length; at += ONE_STATEMENT)
      written.push(await runStatement(tx, insertStatement(context, rows.slice(at, at + ONE_STATEMENT))))
    await requireAllowed(
      tx,
      actor.entity,
      rows.map(({ id }) => id),
      actor.policy.create,
    )
    return completeRows(tx, actor.entity, answer, written.flat())
  }
  return inTransaction(stores, actor, { entities: [actor.entity], rollback }, work).catch((error) =>
    explain(stores, context, rows, error),
  )
}

/** What became of one row of a batch. */
export type RowOutcome = { row: WrittenRow } | { refusal: Problem; violations: Violation[] }

/** The violations of a refusal by the row that they name; in a batch of one they need not name it. */
function violationsByRow({ extras }: Problem, size: number): Map<number, Violation[]> {
  const byRow = new Map<number, Violation[]>()
  for (const { row = size === 1 ? 0 : undefined, ...violation } of extras.errors ?? [])
    if (row !== undefined) byRow.set(row, [...(byRow.get(row) ?? []), violation])
  return byRow
}

/**
 * Inserts the rows that can be inserted. A refusal names all rows that it concerns: they are left out and the rest is
 * tried again, so nothing is stored twice and a batch takes as many tries as it has kinds of trouble.
 */
export async function insertGoodRecords(
  stores: Stores,
  actor: Actor,
  data: readonly StoredPatch[],
  options: InsertOptions,
): Promise<RowOutcome[]> {
  const outcomes = new Array<RowOutcome>(data.length)
  let pending = [...data.keys()]
  while (pending.length > 0) {
    try {
      const batch = pending.map((at) => data[at] as StoredPatch)
      const rows = await insertRecords(stores, actor, batch, options)
      rows.forEach((row, at) => {
        outcomes[pending[at] as number] = { row }
      })
      break
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const refused = violationsByRow(error, pending.length)
      if (refused.size === 0) throw error
      for (const [at, violations] of refused) outcomes[pending[at] as number] = { refusal: error, violations }
      pending = pending.filter((_, at) => !refused.has(at))
    }
  }
  return outcomes
}
