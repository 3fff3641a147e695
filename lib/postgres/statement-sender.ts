// Sends statements in their tenant, each one round trip: alone, together with others of the tenant, or on a connection
// shared with everybody. Rows come back as PostgreSQL's text, or the error of the statement itself.
import pg from 'pg'
import { Batcher, type Outcome, onlyRows } from './batcher.ts'
import { TOO_MANY_CONNECTIONS } from './modest-pool.ts'
import type { Pipelines } from './pipelines.ts'
import {
  errorCode,
  LARGEST_ANSWER,
  type Scope,
  STALE_EPOCH,
  type Statement,
  type TenantDb,
  type TextRow,
} from './queryable.ts'
import { retryDeadlock } from './retry-deadlock.ts'
import {
  batchEntrance,
  type Entrance,
  type NamedStatement,
  readEntrance,
  ScopedQuery,
  writeEntrance,
} from './scoped-query.ts'
import { StatementNames } from './statement-names.ts'

/** Each named statement costs some 20 KB in every backend. */
const PREPARED_STATEMENTS = 300

/** More at once would let the first wait long for the last. */
const READ_BATCH = 16
const WRITE_BATCH = 50
/** Transactions of one tenant, or entity, that may be under way at once: while they are, the next is gathered. */
const CONCURRENCY = 2

/** What a write answers is bounded where it is made: here it would be too late, the write is done. */
const UNBOUNDED = Number.POSITIVE_INFINITY

/** SQLSTATE invalid_sql_statement_name. */
const NOT_PREPARED = '26000'

/** The single statements of TenantDb. */
export class StatementSender
  implements Pick<TenantDb, 'read' | 'readQuick' | 'readBatched' | 'write' | 'writeBatched'>
{
  readonly #pool: pg.Pool
  readonly #pipelines: Pipelines
  readonly #names = new StatementNames(PREPARED_STATEMENTS)
  readonly #named = (statement: Statement): NamedStatement =>
    statement.planEachTime ? statement : { ...statement, name: this.#names.of(statement.text) }
  readonly #quickReads = new Batcher({
    send: (scope, _none, statements) => this.#pipelined(readEntrance(scope), statements),
    mayRepeat: isOwnFault,
    concurrency: Number.POSITIVE_INFINITY,
    maxSize: READ_BATCH,
    readOnly: true,
  })
  readonly #reads = new Batcher({
    send: (scope, _none, statements) => this.#run(readEntrance(scope), statements),
    mayRepeat: isOwnFault,
    concurrency: CONCURRENCY,
    maxSize: READ_BATCH,
    readOnly: true,
  })
  readonly #writes = new Batcher({
    send: (scope, entityIds, statements) => this.#runWrites(scope, entityIds, statements),
    mayRepeat: isOwnFault,
    concurrency: CONCURRENCY,
    maxSize: WRITE_BATCH,
    readOnly: false,
  })

  constructor(pool: pg.Pool, pipelines: Pipelines) {
    this.#pool = pool
    this.#pipelines = pipelines
  }

  read(scope: Scope, statement: Statement): Promise<TextRow[]> {
    return this.#run(readEntrance(scope, statement), [statement]).then(onlyRows)
  }

  readQuick(scope: Scope, statement: Statement): Promise<TextRow[]> {
    return this.#quickReads.ask(scope, [], statement)
  }

  readBatched(scope: Scope, statement: Statement): Promise<TextRow[]> {
    return this.#reads.ask(scope, [], statement)
  }

  write(scope: Scope, entityIds: readonly number[], statement: Statement): Promise<TextRow[]> {
    return this.#runWrites(scope, entityIds, [statement]).then(onlyRows)
  }

  writeBatched(scope: Scope, entityId: number, statement: Statement): Promise<TextRow[]> {
    return this.#writes.ask(scope, [entityId], statement)
  }

  async #pipelined(entrance: Entrance, statements: readonly Statement[]): Promise<Outcome> {
    const outcome = await new Promise<Outcome>((resolve, reject) => {
      this.#pipelines.send(new ScopedQuery(entrance, statements.map(this.#named), resolve)).catch(reject)
    }).catch(unlessFull)
    // Those before it on the connection were to prepare a statement, and failed; or there is no connection left to be had.
    const code = errorCode(outcome.error)
    const isElsewhere = code === NOT_PREPARED || code === TOO_MANY_CONNECTIONS
    return isElsewhere ? this.#run(entrance, statements) : outcome
  }

  #runWrites(scope: Scope, entityIds: readonly number[], statements: readonly Statement[]) {
    const alone = statements.length === 1
    const run = () =>
      this.#run((alone ? writeEntrance : batchEntrance)(scope, entityIds), statements, UNBOUNDED)
    return alone ? retryDeadlock(() => run().then(orThrow)) : run()
  }

  #run(entrance: Entrance, statements: readonly Statement[], largest = LARGEST_ANSWER): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      this.#pool.connect((connectError, client, release) => {
        if (connectError || client === undefined) return reject(connectError)
        const settle = (outcome: Outcome) => {
          release()
          resolve(outcome)
        }
        const query = new ScopedQuery(entrance, statements.map(this.#named), settle, largest)
        client.query(query)
      })
    })
  }
}

/** Whether PostgreSQL has refused one statement and undone its transaction; a lost connection tells neither. */
function isOwnFault(error: Error): boolean {
  const code = errorCode(error) ?? ''
  return error instanceof pg.DatabaseError && code !== STALE_EPOCH && !code.startsWith('57P')
}

/** The outcome of a statement that found no connection, where another may be shared. */
function unlessFull(error: Error): Outcome {
  if (errorCode(error) !== TOO_MANY_CONNECTIONS) throw error
  return { answers: [], error }
}

/** The outcome, unless it is a failure. */
function orThrow(outcome: Outcome): Outcome {
  if (outcome.error !== null) throw outcome.error
  return outcome
}
