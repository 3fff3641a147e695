// Runs batches as one transaction and one round trip, and gives what became of them: on a connection of the pool, or on
// one of the pipelines. Statements are prepared under names that all connections share.
import type pg from 'pg'
import { errorCode, LARGEST_ANSWER } from '../../errors/codes.ts'
import type { PipelinedConnections } from '../connections/pipelined-connections.ts'
import { TOO_MANY_CONNECTIONS } from '../connections/shrinking-pool.ts'
import type { Statement } from '../statement.ts'
import { PreparedNames } from './prepared-names.ts'
import { type NamedStatement, type Outcome, type TenantBatch, TenantQuery } from './tenant-query.ts'

/** Each named statement costs some 20 KB in every backend. */
const PREPARED_STATEMENTS = 300

/** SQLSTATE invalid_sql_statement_name. */
const NOT_PREPARED = '26000'

export class BatchRunner {
  readonly #pool: pg.Pool
  readonly #pipelines: PipelinedConnections
  readonly #names = new PreparedNames(PREPARED_STATEMENTS)
  readonly #named = (statement: Statement): NamedStatement =>
    statement.planEachTime ? statement : { ...statement, name: this.#names.of(statement.text) }

  constructor(pool: pg.Pool, pipelines: PipelinedConnections) {
    this.#pool = pool
    this.#pipelines = pipelines
  }

  /** On a connection that others use at the same time: only for what is known to be cheap. */
  async runShared(batches: readonly TenantBatch[]): Promise<Outcome> {
    try {
      const outcome = await new Promise<Outcome>((resolve, reject) => {
        this.#pipelines.send(this.#query(batches, resolve)).catch(reject)
      })
      // Those before it on the connection were to prepare a statement, and failed.
      if (errorCode(outcome.error) !== NOT_PREPARED) return outcome
    } catch (error) {
      // Nothing was sent; where so few connections are allowed, those of the pool have to do.
      if (errorCode(error) !== TOO_MANY_CONNECTIONS) throw error
    }
    return this.run(batches)
  }

  /**
   * On a connection of their own.
   *
   * @param largest mebibytes of rows that they may answer with
   */
  run(batches: readonly TenantBatch[], largest = LARGEST_ANSWER): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#pool.connect((connectError, client, release) => {
        if (connectError || client === undefined) return reject(connectError)
        const settle = (outcome: Outcome) => {
          release()
          resolve(outcome)
        }
        client.query(this.#query(batches, settle, largest))
      })
    })
  }

  /** Names are given out when a query is sent: those of one query are all different. */
  #query(
    batches: readonly TenantBatch[],
    callback: (outcome: Outcome) => void,
    largest?: number,
  ): TenantQuery {
    const named = batches.map(({ enter, statements }) => ({
      enter,
      statements: statements.map(this.#named),
    }))
    return new TenantQuery(named, callback, largest)
  }
}
