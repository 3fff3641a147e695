// Storing the rows of one batch as far as they can be stored. A refusal names all rows that it concerns: they are left out
// and the rest is tried again, so a batch takes as many tries as it has kinds of trouble.
import type { Transaction } from '../../db/statement.ts'
import { Problem } from '../../errors/problem.ts'
import { renumbered } from '../write/conflicts.ts'
import { RepeatedRows, violationsByRow } from '../write/row-problem.ts'
import type { IncomingRecord, RowOutcome, Writer } from './row.ts'

/** For writers that store all or none: the outcome of each row, with its violations. */
export async function tryBatch(
  tx: Transaction,
  write: Writer,
  rows: readonly IncomingRecord[],
): Promise<RowOutcome[]> {
  return (await attempt(tx, write, rows)).outcomes
}

/** One for each row in a chain of rows that want the same and come to nothing, until the last that is looked at. */
const MOST_ROUNDS = 10

/**
 * For writers that store each row that can be stored: a row that repeats a unique value of an earlier one is refused only if
 * the earlier one is stored, or if many before it were refused.
 */
export async function tryEach(
  tx: Transaction,
  write: Writer,
  rows: readonly IncomingRecord[],
): Promise<RowOutcome[]> {
  const outcomes = new Array<RowOutcome>(rows.length)
  let pending = [...rows.keys()]
  for (let round = 0; pending.length > 0 && round < MOST_ROUNDS; round++) {
    const numbers = pending
    const tried = await attempt(
      tx,
      write,
      numbers.map((at) => rows[at] as IncomingRecord),
    )
    const rowOf = (at: number) => numbers[at] ?? at
    for (const [at, outcome] of tried.outcomes.entries()) outcomes[rowOf(at)] = outcomeAt(outcome, rowOf)
    const freed = [...tried.firsts].filter(([, first]) => 'refusal' in (tried.outcomes[first] as RowOutcome))
    pending = freed.map(([at]) => numbers[at] as number).sort((a, b) => a - b)
  }
  return outcomes
}

/** The outcome with the number of the row that a violation names replaced. */
export function outcomeAt(outcome: RowOutcome, rowOf: (row: number) => number): RowOutcome {
  if (!('refusal' in outcome)) return outcome
  return { ...outcome, violations: outcome.violations.map((one) => renumbered(one, rowOf)) }
}

interface Attempt {
  outcomes: RowOutcome[]
  /** By each row that was refused because of an earlier one, that one. */
  firsts: Map<number, number>
}

async function attempt(tx: Transaction, write: Writer, rows: readonly IncomingRecord[]): Promise<Attempt> {
  const outcomes = new Array<RowOutcome>(rows.length)
  const firsts = new Map<number, number>()
  let pending = [...rows.keys()]
  while (pending.length > 0) {
    const numbers = pending
    const batch = numbers.map((at) => rows[at] as IncomingRecord)
    const tried = await write(tx, batch).catch(toRefusal)
    if (Array.isArray(tried)) {
      for (const [at, one] of tried.entries()) outcomes[numbers[at] as number] = one
      break
    }
    const refused = violationsByRow(tried, batch.length)
    if (refused.size === 0) throw tried
    const rowOf = (at: number) => numbers[at] ?? at
    for (const [at, violations] of refused)
      outcomes[rowOf(at)] = { refusal: tried, violations: violations.map((one) => renumbered(one, rowOf)) }
    for (const [at, first] of firstsOf(tried)) firsts.set(numbers[at] as number, numbers[first] as number)
    pending = numbers.filter((_, at) => !refused.has(at))
  }
  return { outcomes, firsts }
}

function toRefusal(error: unknown): Problem {
  if (error instanceof Problem) return error
  throw error
}

function firstsOf(refusal: Problem): ReadonlyMap<number, number> {
  return refusal instanceof RepeatedRows ? refusal.firsts : new Map()
}
