// Storing the rows of one batch as far as they can be stored. A refusal names all rows that it concerns: they are left out
// and the rest is tried again, so a batch takes as many tries as it has kinds of trouble.
import type { Transaction } from '../../db/statement.ts'
import { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import { renumbered } from '../write/conflicts.ts'
import { RepeatedRows, violationsByRow } from '../write/row-problem.ts'
import type { IncomingRecord, RowOutcome, Writer } from './row.ts'

/** For writers that store all or none: the outcome of each row, with its violations. */
export async function tryBatch(
  tx: Transaction,
  write: Writer,
  rows: readonly IncomingRecord[],
): Promise<RowOutcome[]> {
  const { outcomes, untried } = await attempt(tx, write, rows)
  // Others are refused, and so is the whole.
  for (const at of untried) outcomes[at] = { row: undefined, created: false }
  return outcomes
}

/** One for each row in a chain of rows that want the same and come to nothing, until the last that is looked at. */
const MOST_ROUNDS = 10

/** As many kinds of trouble as a batch may have; in a chain of rows that want each other's values each refusal makes another. */
const MOST_TRIES = 10

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
    for (const at of tried.untried) tried.outcomes[at] = refusedUntried()
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
  /** Rows that were given up: there were too many kinds of trouble. */
  untried: number[]
}

async function attempt(tx: Transaction, write: Writer, rows: readonly IncomingRecord[]): Promise<Attempt> {
  const outcomes = new Array<RowOutcome>(rows.length)
  const firsts = new Map<number, number>()
  let pending = [...rows.keys()]
  for (let tries = 0; pending.length > 0 && tries < MOST_TRIES; tries++) {
    const numbers = pending
    const batch = numbers.map((at) => rows[at] as IncomingRecord)
    const tried = await write(tx, batch).catch(toRefusal)
    if (Array.isArray(tried)) {
      for (const [at, one] of tried.entries()) outcomes[numbers[at] as number] = one
      return { outcomes, firsts, untried: [] }
    }
    const refused = violationsByRow(tried, batch.length)
    if (refused.size === 0) throw tried
    const rowOf = (at: number) => numbers[at] ?? at
    for (const [at, violations] of refused)
      outcomes[rowOf(at)] = { refusal: tried, violations: violations.map((one) => renumbered(one, rowOf)) }
    for (const [at, first] of firstsOf(tried)) firsts.set(numbers[at] as number, numbers[first] as number)
    pending = numbers.filter((_, at) => !refused.has(at))
  }
  return { outcomes, firsts, untried: pending }
}

function refusedUntried(): RowOutcome {
  const message = 'depends on rows that were refused; send those that remain again'
  const violation = { pointer: '', keyword: 'unique', message }
  return { refusal: errors.uniqueConflict([violation]), violations: [violation] }
}

function toRefusal(error: unknown): Problem {
  if (error instanceof Problem) return error
  throw error
}

function firstsOf(refusal: Problem): ReadonlyMap<number, number> {
  return refusal instanceof RepeatedRows ? refusal.firsts : new Map()
}
