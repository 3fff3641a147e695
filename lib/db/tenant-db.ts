// TenantDb over a pool of connections: single statements by their cost, streams and transactions on a connection of their
// own, each within its share of the pool.
import type pg from 'pg'
import type { TenantBudget } from '../concurrency/tenant-budget.ts'
import type { TenantLimiter } from '../concurrency/tenant-limiter.ts'
import { BatchRunner } from './batching/batch-runner.ts'
import { StatementReader } from './batching/statement-reader.ts'
import { StatementWriter } from './batching/statement-writer.ts'
import type { PipelinedConnections } from './connections/pipelined-connections.ts'
import { poolBudget, poolLimiter } from './connections/pool-shares.ts'
import { retryDeadlock } from './retry-deadlock.ts'
import { RowCursor } from './row-cursor.ts'
import type { TenantScope } from './scope.ts'
import type { Statement, Target, TenantDb, Transaction } from './statement.ts'
import { transact } from './transact.ts'

/** Streams last as long as their readers like. */
const STREAMING_SHARE = { all: 0.5, tenant: 0.3 }

/** Transactions wait for locks while they hold a connection. */
const TRANSACTIONS_SHARE = { all: 0.7, tenant: 0.4 }

export class PooledTenantDb implements TenantDb {
  readonly read: TenantDb['read']
  readonly write: TenantDb['write']
  readonly #pool: pg.Pool
  readonly #turns: TenantLimiter
  readonly #streams: TenantBudget

  constructor(pool: pg.Pool, pipelines: PipelinedConnections) {
    const runner = new BatchRunner(pool, pipelines)
    this.read = new StatementReader(pool, runner).read
    this.write = new StatementWriter(pool, runner).write
    this.#pool = pool
    this.#turns = poolLimiter(pool, TRANSACTIONS_SHARE)
    this.#streams = poolBudget(pool, STREAMING_SHARE)
  }

  /** errors.unavailable while too many streams are open, or too many of the tenant. */
  async stream(scope: TenantScope, statement: Statement): Promise<RowCursor> {
    const { release } = this.#streams.open(scope.id)
    const client = await this.#pool.connect().catch((error) => {
      release()
      throw error
    })
    const enter = { text: 'select enter_read($1, $2)', values: [scope.id, scope.epoch] }
    return RowCursor.open(client, enter, statement, release)
  }

  /** errors.unavailable when a transaction that may wait for locks of records gets no connection in time. */
  transaction<T>(scope: TenantScope, target: Target, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const enter = enterFor(scope, target)
    const run = () => retryDeadlock(() => transact(this.#pool, { enter, scope }, work))
    return target === 'metadata' || target.length === 0 ? run() : this.#turns.run(scope.id, run)
  }
}

function enterFor({ id, epoch }: TenantScope, target: Target): Statement {
  return target === 'metadata'
    ? { text: 'select enter_change($1, $2)', values: [id, epoch] }
    : { text: 'select enter_write($1, $2, $3)', values: [id, epoch, target] }
}
