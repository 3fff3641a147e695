// TenantDb over a pool of connections: single statements by their cost, streams and transactions on a connection of their
// own, each within its share of the pool.
import { BatchRunner } from './batching/batch-runner.ts'
import { StatementReader } from './batching/statement-reader.ts'
import { StatementWriter } from './batching/statement-writer.ts'
import type { GatedPool } from './connections/gated-pool.ts'
import type { PipelinedConnections } from './connections/pipelined-connections.ts'
import { timed } from './database-time.ts'
import { ENTERS } from './enter.ts'
import { retryDeadlock } from './retry-deadlock.ts'
import { RowCursor } from './row-cursor.ts'
import type { TenantScope } from './scope.ts'
import type { Statement, Target, TenantDb, Transaction } from './statement.ts'
import { transact } from './transact.ts'

export class PooledTenantDb implements TenantDb {
  readonly read: TenantDb['read']
  readonly write: TenantDb['write']
  readonly #pool: GatedPool
  readonly #enters: typeof ENTERS

  constructor(pool: GatedPool, pipelines: PipelinedConnections, enters = ENTERS) {
    this.#enters = enters
    const runner = new BatchRunner(pool, pipelines)
    this.read = timed(new StatementReader(pool, runner).read)
    this.write = timed(new StatementWriter(pool, runner).write)
    this.#pool = pool
  }

  async stream(scope: TenantScope, statement: Statement): Promise<RowCursor> {
    const lease = await this.#pool.connect(scope.id, 'stream')
    const enter = { text: this.#enters.stream, values: [scope.id, scope.epoch] }
    return RowCursor.open(lease, enter, statement)
  }

  transaction<T>(scope: TenantScope, target: Target, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const enter = this.#enterFor(scope, target)
    const connect = () => this.#pool.connect(scope.id, 'transaction')
    const run = timed((_scope: TenantScope) => retryDeadlock(() => transact(connect, { enter, scope }, work)))
    return run(scope)
  }

  #enterFor({ id, epoch }: TenantScope, target: Target): Statement {
    return target === 'metadata'
      ? { text: this.#enters.change, values: [id, epoch] }
      : { text: this.#enters.write, values: [id, epoch, target === 'other tenants' ? [] : target] }
  }
}
