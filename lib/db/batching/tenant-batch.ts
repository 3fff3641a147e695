// Statements of one tenant behind the statement that enters it, and the gathering of several tenants' batches into one
// transaction: with many tenants that send little each, begin, commit and the system calls around them would cost as much
// as the statements. Each enter holds up to the next one, and so does a stale epoch.
import { errorCode, STALE_EPOCH } from '../../errors/codes.ts'
import { Problem } from '../../errors/problem.ts'
import type { Outcome, Step } from '../connections/round-trip.ts'
import type { Enters } from '../enter.ts'
import type { TenantScope } from '../scope.ts'
import type { Statement } from '../statement.ts'
import { isStatementError } from '../statement-errors.ts'
import { type Answers, Batcher } from './batcher.ts'

/** SQL that a connection runs once, so that only Bind and Execute of an enter travel with a statement. */
export const prepareEnterStatements = (enters: Enters): string => `
  prepare enter_read(uuid, bigint) as ${enters.read};
  prepare enter_read_planning(uuid, bigint) as ${enters.readPlanning};
  prepare enter_write(uuid, bigint, bigint[]) as ${enters.write};
  prepare enter_write_briefly(uuid, bigint, bigint[]) as ${enters.writeBriefly};`

/** Statements of one tenant, and the one that brings the transaction into it. */
export interface TenantBatch {
  readonly enter: Step
  readonly statements: readonly Statement[]
}

/** @param planEachTime the statement of the batch is planned for its values */
export function enterRead({ id, epoch }: TenantScope, planEachTime = false): Step {
  return { name: planEachTime ? 'enter_read_planning' : 'enter_read', values: [id, String(epoch)] }
}

/** @param wait for locks: `briefly`, what would wait long fails from here on; `patiently`, as long as it takes */
export function enterWrite(
  { id, epoch }: TenantScope,
  entityIds: readonly number[],
  wait: 'briefly' | 'patiently',
): Step {
  const name = wait === 'briefly' ? 'enter_write_briefly' : 'enter_write'
  return { name, values: [id, String(epoch), `{${entityIds.join(',')}}`] }
}

/** The part of the connections for transactions of several tenants: the fewer, the more tenants share one. */
export const SHARED_PART = 0.3

/** How statements of several tenants are gathered for one transaction. */
export const OF_SEVERAL_TENANTS = {
  mayRepeat: (error: Error) => isStatementError(error) || errorCode(error) === STALE_EPOCH,
  // More at once would let the first wait long for the last.
  maxSize: 16,
  // Those that come here have been gathered once already.
  defer: process.nextTick,
}

/**
 * Gathers batches of several tenants; each gets the outcome it would have had alone.
 *
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

/** The outcomes of the batches that were answered whole; a Problem where there was no room for all answers. */
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
