// Runs batches as one transaction in one round trip, on a connection of the pool or on a pipelined one; statements are
// prepared under a bounded number of names that all connections share.
import {
  ANSWER_TOO_LARGE,
  errorCode,
  INVALID_SQL_STATEMENT_NAME,
  LARGEST_ANSWER,
  TOO_MANY_CONNECTIONS,
} from '../../errors/codes.ts'
import { CancelWatch } from '../connections/cancel-watch.ts'
import { SHARED, type WorkKind } from '../connections/connection-gate.ts'
import type { GatedPool } from '../connections/gated-pool.ts'
import { cancelRunning } from '../connections/pg-adapter.ts'
import type { PipelinedConnections } from '../connections/pipelined-connections.ts'
import { HUGE_TEXT, PreparedNames } from '../connections/prepared-statements.ts'
import { exchange, type Outcome, type Step } from '../connections/round-trip.ts'
import type { TextRow } from '../statement.ts'
import { statementChannel } from '../statement-channel.ts'
import type { TenantBatch } from './tenant-batch.ts'

/** Characters of an answer of which a few at a time are all that the memory is meant to hold. */
export const HUGE_ANSWER = 2 ** 22

/** How batches run on a connection of their own. */
export interface RunOptions {
  /** Mebibytes of rows that they may answer with. */
  largest?: number
  kind?: WorkKind
  /** Whose share of the connections they take. */
  tenantId?: string
  /** Whether nobody awaits the outcome any more. */
  isAbandoned?: (() => boolean) | undefined
}

export class BatchRunner {
  readonly #pool: GatedPool
  readonly #pipelines: PipelinedConnections
  readonly #names = new PreparedNames()

  constructor(pool: GatedPool, pipelines: PipelinedConnections) {
    this.#pool = pool
    this.#pipelines = pipelines
  }

  /** Runs batches on a connection that others use at the same time: only for statements known to be cheap. */
  readonly runShared = async (batches: readonly TenantBatch[]): Promise<Outcome> => {
    try {
      const client = await this.#pipelines.next()
      const outcome = await exchange(client, this.#stepsOf(batches))
      // Those ahead of it on the connection were to prepare a statement, and failed.
      const isUnprepared = outcome.error !== null && errorCode(outcome.error) === INVALID_SQL_STATEMENT_NAME
      if (!isUnprepared) return outcome
    } catch (error) {
      // Nothing was sent; where so few connections are allowed, those of the pool have to do.
      if (errorCode(error) !== TOO_MANY_CONNECTIONS) throw error
    }
    return this.run(batches)
  }

  /** Runs batches on a connection of their own. */
  readonly run = async (
    batches: readonly TenantBatch[],
    { largest = LARGEST_ANSWER, kind = 'read', tenantId = SHARED, isAbandoned }: RunOptions = {},
  ): Promise<Outcome> => {
    const { client, release } = await this.#pool.connect(tenantId, kind)
    const watch = isAbandoned && new CancelWatch(isAbandoned, () => cancelRunning(client))
    const outcome = await exchange(client, this.#stepsOf(batches), largest)
    watch?.end()
    // A cancellation may arrive late, and end what comes next on the connection.
    release(watch?.hasCancelled || tookMuchMemory(batches, outcome))
    return outcome
  }

  /** The rows of a batch of one statement, on a connection of its own; rejects with its error. */
  async runAlone(batch: TenantBatch, options: RunOptions): Promise<TextRow[]> {
    const {
      answers: [answer = []],
      error,
    } = await this.run([batch], options)
    if (error !== null) throw error
    if (answer instanceof Error) throw answer
    return answer
  }

  /** Names are given out when a round trip is sent: those of one are all different. */
  #stepsOf(batches: readonly TenantBatch[]): Step[] {
    const steps: Step[] = []
    for (const { enter, statements } of batches) {
      steps.push(enter)
      for (const { text, values, planEachTime } of statements)
        steps.push({ name: planEachTime ? '' : this.#names.of(text, String(enter.values[0])), text, values })
    }
    if (statementChannel.hasSubscribers) statementChannel.publish(steps)
    return steps
  }
}

/** Whether the connection had better be closed: PostgreSQL keeps for it what memory it once took. */
function tookMuchMemory(batches: readonly TenantBatch[], { error, size = 0 }: Outcome): boolean {
  if (size > HUGE_ANSWER || (error !== null && errorCode(error) === ANSWER_TOO_LARGE)) return true
  for (const { statements } of batches)
    for (const { text } of statements) if (text.length > HUGE_TEXT) return true
  return false
}
