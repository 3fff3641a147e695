// Sends statements in their tenant, each one round trip: alone, together with others of the tenant, or in a transaction that
// batches several tenants. Rows come back as PostgreSQL's text, or the error of the statement itself.
import type pg from 'pg'
import type { TenantLimiter } from '../../concurrency/tenant-limiter.ts'
import { Problem } from '../../errors/problem.ts'
import type { PipelinedConnections } from '../connections/pipelined-connections.ts'
import { poolLimiter } from '../connections/pool-shares.ts'
import type { TenantScope } from '../scope.ts'
import type { Statement, TenantDb, TextRow } from '../statement.ts'
import { BatchRunner } from './batch-runner.ts'
import { Batcher } from './batcher.ts'
import { LockWaitQueue } from './lock-wait-queue.ts'
import { BatchQuarantine } from './quarantine.ts'
import { isStatementError, tenantBatcher } from './tenant-batcher.ts'
import {
  type EnterStatements,
  enterRead,
  enterWrite,
  enterWriteBriefly,
  type Outcome,
  type TenantBatch,
} from './tenant-query.ts'
import { WriteBatcher } from './write-batcher.ts'

/** More at once would let the first wait long for the last. */
const READ_BATCH = 16

/** Transactions of one tenant that may be under way at once: while they are, the next is gathered. */
const CONCURRENCY = 2

/** The part of the connections that transactions for several tenants may have: the fewer, the more of them share one. */
const SHARED_PART = 0.3

/** The part that may wait for locks. */
const WAITING_PART = 0.5

/** What reads may have that travel alone: some take as long as they may. */
const READING_SHARE = { all: 0.8, tenant: 0.5 }

/** Characters of an answer for which others may wait. */
const BULKY = 2 ** 18

/** What a write answers is bounded where it is made: here it would be too late, the write is done. */
const UNBOUNDED = Number.POSITIVE_INFINITY

/** A statement and what it is about. */
interface PendingRead {
  scope: TenantScope
  statement: Statement
}

/** What may share a batch. */
const kindOf = ({ id, epoch }: TenantScope) => `${id} ${epoch}`

const statementOf = ({ statement }: PendingRead) => statement

function readBatch(asked: readonly PendingRead[]): TenantBatch {
  const [{ scope }] = asked as [PendingRead]
  return { enter: enterRead(scope), statements: asked.map(statementOf) }
}

/** The single statements of TenantDb. */
export class StatementScheduler
  implements Pick<TenantDb, 'read' | 'readQuick' | 'readBatched' | 'write' | 'writeBatched'>
{
  readonly #runner: BatchRunner
  readonly #quickReads: Batcher<PendingRead, TextRow[]>
  readonly #reads: Batcher<PendingRead, TextRow[]>
  readonly #readTurns: TenantLimiter
  /** Tenants. */
  readonly #bulkyReaders = new BatchQuarantine<string>()
  readonly #writes: WriteBatcher
  readonly #lockWaits: LockWaitQueue

  constructor(pool: pg.Pool, pipelines: PipelinedConnections) {
    const runner = new BatchRunner(pool, pipelines)
    this.#runner = runner
    this.#readTurns = poolLimiter(pool, READING_SHARE)
    const quickBatcher = tenantBatcher((batches) => runner.runShared(batches), Number.POSITIVE_INFINITY)
    const part = (of: number) => Math.max(1, Math.floor(pool.options.max * of))
    const concurrency = part(SHARED_PART)
    const tenants = tenantBatcher((batches) => runner.run(batches), concurrency)
    const reading = { mayRepeat: isStatementError, maxSize: READ_BATCH, readOnly: true }
    this.#quickReads = new Batcher({
      ...reading,
      send: (asked) => quickBatcher.ask('', readBatch(asked)),
      concurrency: Number.POSITIVE_INFINITY,
    })
    this.#reads = new Batcher({
      ...reading,
      send: (asked) => tenants.ask('', readBatch(asked)),
      concurrency: CONCURRENCY,
    })
    this.#writes = new WriteBatcher({
      alone: ({ scope, entityId, statement }) =>
        this.#writeAlone(enterWriteBriefly(scope, [entityId]), statement),
      together: (batches) => runner.run(batches, UNBOUNDED),
      concurrency,
    })
    this.#lockWaits = new LockWaitQueue(part(WAITING_PART), pool.options.connectionTimeoutMillis)
  }

  read(scope: TenantScope, statement: Statement): Promise<TextRow[]> {
    const batch = { enter: enterRead(scope, statement), statements: [statement] }
    return this.#readTurns.run(scope.id, async () => onlyRows(await this.#runner.run([batch])))
  }

  readQuick(scope: TenantScope, statement: Statement): Promise<TextRow[]> {
    return this.#quickReads.ask(kindOf(scope), { scope, statement })
  }

  async readBatched(scope: TenantScope, statement: Statement): Promise<TextRow[]> {
    if (this.#bulkyReaders.has(scope.id)) return this.read(scope, statement)
    try {
      const rows = await this.#reads.ask(kindOf(scope), { scope, statement })
      if (isBulky(rows)) this.#bulkyReaders.note(scope.id)
      return rows
    } catch (error) {
      // What was too large to be answered at all.
      if (error instanceof Problem) this.#bulkyReaders.note(scope.id)
      throw error
    }
  }

  write(scope: TenantScope, entityIds: readonly number[], statement: Statement): Promise<TextRow[]> {
    return this.#lockWaits.run(
      scope.id,
      () => this.#writeAlone(enterWriteBriefly(scope, entityIds), statement),
      () => this.#writeAlone(enterWrite(scope, entityIds), statement),
    )
  }

  writeBatched(scope: TenantScope, entityId: number, statement: Statement): Promise<TextRow[]> {
    return this.#lockWaits.run(
      scope.id,
      () => this.#writes.write({ scope, entityId, statement }),
      () => this.#writeAlone(enterWrite(scope, [entityId]), statement),
    )
  }

  async #writeAlone(enter: EnterStatements, statement: Statement): Promise<TextRow[]> {
    return onlyRows(await this.#runner.run([{ enter, statements: [statement] }], UNBOUNDED))
  }
}

function isBulky(rows: readonly TextRow[]): boolean {
  let length = 0
  for (const row of rows) for (const text of row) length += text?.length ?? 0
  return length > BULKY
}

/** The rows of the one statement that was sent. */
function onlyRows({ answers: [answer = []], error }: Outcome): TextRow[] {
  if (error !== null) throw error
  if (answer instanceof Problem) throw answer
  return answer
}
