// Runs batches as one transaction in one round trip, on a connection of the pool or on a pipelined one; statements are
// prepared under a bounded number of names that all connections share.
import type pg from 'pg'
import {
  errorCode,
  INVALID_SQL_STATEMENT_NAME,
  LARGEST_ANSWER,
  TOO_MANY_CONNECTIONS,
} from '../../errors/codes.ts'
import { Problem } from '../../errors/problem.ts'
import { exchange, type Outcome, type Step } from '../connections/pg-adapter.ts'
import type { PipelinedConnections } from '../connections/pipelined-connections.ts'
import type { TextRow } from '../statement.ts'
import { statementChannel } from '../statement-channel.ts'
import type { TenantBatch } from './tenant-batch.ts'

/** Each prepared statement costs some 20 KB in every backend. */
const PREPARED_STATEMENTS = 300

export class BatchRunner {
  readonly #pool: pg.Pool
  readonly #pipelines: PipelinedConnections
  readonly #names = new PreparedNames(PREPARED_STATEMENTS)

  constructor(pool: pg.Pool, pipelines: PipelinedConnections) {
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

  /**
   * Runs batches on a connection of their own.
   *
   * @param largest mebibytes of rows that they may answer with
   */
  readonly run = async (batches: readonly TenantBatch[], largest = LARGEST_ANSWER): Promise<Outcome> => {
    const client = await this.#pool.connect()
    const outcome = await exchange(client, this.#stepsOf(batches), largest)
    client.release()
    return outcome
  }

  /** The rows of a batch of one statement, on a connection of its own; rejects with its error. */
  async runAlone(batch: TenantBatch, largest?: number): Promise<TextRow[]> {
    const {
      answers: [answer = []],
      error,
    } = await this.run([batch], largest)
    if (error !== null) throw error
    if (answer instanceof Problem) throw answer
    return answer
  }

  /** Names are given out when a round trip is sent: those of one are all different. */
  #stepsOf(batches: readonly TenantBatch[]): Step[] {
    const steps: Step[] = []
    for (const { enter, statements } of batches) {
      steps.push(enter)
      for (const { text, values, planEachTime } of statements)
        steps.push({ name: planEachTime ? '' : this.#names.of(text), text, values })
    }
    if (statementChannel.hasSubscribers) statementChannel.publish(steps)
    return steps
  }
}

/**
 * Names for SQL texts to be prepared under. Their number is bounded, since each costs memory in every backend; texts
 * depend on the query's shape only, so a few hundred names serve any number of entities. A new text gets the name of the
 * least recently used one, so no client can take all names for its own queries.
 */
export class PreparedNames {
  /** In the order of their last use. */
  readonly #names = new Map<string, string>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The name of a text: that of no other among the last `limit` texts. */
  of(text: string): string {
    const name = this.#names.get(text) ?? this.#free()
    this.#names.delete(text)
    this.#names.set(text, name)
    return name
  }

  #free(): string {
    const [oldest] = this.#names
    if (oldest === undefined || this.#names.size < this.#limit) return `s${this.#names.size}`
    this.#names.delete(oldest[0])
    return oldest[1]
  }
}
