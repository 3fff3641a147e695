// Reads of several tenants in one transaction, one batch after the other: with many tenants who ask little each, begin,
// commit and the system calls around them would cost as much as what is asked. Each batch gets the outcome that it would
// have had alone.
import pg from 'pg'
import { errorCode, STALE_EPOCH } from '../../errors/codes.ts'
import { Problem } from '../../errors/problem.ts'
import { type Answers, Batcher } from './batcher.ts'
import type { Outcome, TenantBatch } from './tenant-query.ts'

/** How what several tenants ask is gathered for one transaction. */
export const OF_SEVERAL_TENANTS = {
  mayRepeat: (error: Error) => isStatementError(error) || errorCode(error) === STALE_EPOCH,
  // More at once would let the first wait long for the last.
  maxSize: 16,
  // What asks here has waited for its turn already.
  defer: process.nextTick,
}

/**
 * @param run sends batches as one transaction
 * @param concurrency how many transactions may be under way before batches are gathered
 */
export function tenantBatcher(
  run: (batches: readonly TenantBatch[]) => Promise<Outcome>,
  concurrency: number,
): Batcher<TenantBatch, Outcome> {
  return new Batcher({
    ...OF_SEVERAL_TENANTS,
    async send(batches) {
      const outcome = await run(batches)
      return batches.length === 1 ? { answers: [outcome], error: null } : apart(batches, outcome)
    },
    concurrency,
    readOnly: true,
  })
}

/** The outcomes of the batches of which everything was answered; what found no room among others has no outcome yet. */
function apart(batches: readonly TenantBatch[], { answers, error }: Outcome): Answers<Outcome> {
  let from = 0
  const all = batches.map(({ statements }) => {
    const own = answers.slice(from, from + statements.length)
    from += statements.length
    return { own, isWhole: own.length === statements.length }
  })
  const whole = all.filter(({ isWhole }) => isWhole)
  return { answers: whole.map(({ own }) => own.find(isProblem) ?? { answers: own, error: null }), error }
}

const isProblem = (answer: unknown): answer is Problem => answer instanceof Problem

/** What ends the connection, or all of them: while a commit is written, too, so nobody knows what has happened. */
const ENDS_CONNECTION = new Set<string | undefined>(['FATAL', 'PANIC'])

/** Whether PostgreSQL has refused one statement and undone its transaction; a lost connection tells neither. */
export function isStatementError(error: Error): boolean {
  if (!(error instanceof pg.DatabaseError) || ENDS_CONNECTION.has(error.severity)) return false
  const code = errorCode(error) ?? ''
  return code !== STALE_EPOCH && !code.startsWith('57P')
}
