// Sends statements in their tenant, each one round trip: alone, together with others of the tenant, or in a transaction that
// visits several tenants. Rows come back as PostgreSQL's text, or the error of the statement itself.
import type pg from 'pg'
import type { TenantTurns } from '../../concurrency/tenant-limiter.ts'
import { Problem } from '../../errors/problem.ts'
import type { Pipelines } from '../connections/pipelined-connections.ts'
import { connectionTurns } from '../connections/pool-shares.ts'
import type { Scope } from '../scope.ts'
import type { Statement, TenantDb, TextRow } from '../statement.ts'
import { VisitRunner } from './batch-runner.ts'
import { Batcher } from './batcher.ts'
import { LockWaits } from './lock-wait-queue.ts'
import { Loners } from './quarantine.ts'
import { isOwnFault, visitBatcher } from './tenant-batcher.ts'
import {
  briefEntrance,
  type Entrance,
  type Outcome,
  readEntrance,
  type Visit,
  writeEntrance,
} from './tenant-query.ts'
import { BatchedWrites } from './write-batcher.ts'

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
interface Asked {
  scope: Scope
  statement: Statement
}

/** What may share a visit. */
const kindOf = ({ id, epoch }: Scope) => `${id} ${epoch}`

const statementOf = ({ statement }: Asked) => statement

function readVisit(asked: readonly Asked[]): Visit {
  const [{ scope }] = asked as [Asked]
  return { entrance: readEntrance(scope), statements: asked.map(statementOf) }
}

/** The single statements of TenantDb. */
export class StatementSender
  implements Pick<TenantDb, 'read' | 'readQuick' | 'readBatched' | 'write' | 'writeBatched'>
{
  readonly #runner: VisitRunner
  readonly #quickReads: Batcher<Asked, TextRow[]>
  readonly #reads: Batcher<Asked, TextRow[]>
  readonly #readTurns: TenantTurns
  /** Tenants. */
  readonly #bulkyReaders = new Loners<string>()
  readonly #writes: BatchedWrites
  readonly #lockWaits: LockWaits

  constructor(pool: pg.Pool, pipelines: Pipelines) {
    const runner = new VisitRunner(pool, pipelines)
    this.#runner = runner
    this.#readTurns = connectionTurns(pool, READING_SHARE)
    const quickVisits = visitBatcher((visits) => runner.runShared(visits), Number.POSITIVE_INFINITY)
    const part = (of: number) => Math.max(1, Math.floor(pool.options.max * of))
    const concurrency = part(SHARED_PART)
    const visits = visitBatcher((visits) => runner.run(visits), concurrency)
    const reading = { mayRepeat: isOwnFault, maxSize: READ_BATCH, readOnly: true }
    this.#quickReads = new Batcher({
      ...reading,
      send: (asked) => quickVisits.ask('', readVisit(asked)),
      concurrency: Number.POSITIVE_INFINITY,
    })
    this.#reads = new Batcher({
      ...reading,
      send: (asked) => visits.ask('', readVisit(asked)),
      concurrency: CONCURRENCY,
    })
    this.#writes = new BatchedWrites({
      alone: ({ scope, entityId, statement }) =>
        this.#writeAlone(briefEntrance(scope, [entityId]), statement),
      together: (visits) => runner.run(visits, UNBOUNDED),
      concurrency,
    })
    this.#lockWaits = new LockWaits(part(WAITING_PART), pool.options.connectionTimeoutMillis)
  }

  read(scope: Scope, statement: Statement): Promise<TextRow[]> {
    const visit = { entrance: readEntrance(scope, statement), statements: [statement] }
    return this.#readTurns.run(scope.id, async () => onlyRows(await this.#runner.run([visit])))
  }

  readQuick(scope: Scope, statement: Statement): Promise<TextRow[]> {
    return this.#quickReads.ask(kindOf(scope), { scope, statement })
  }

  async readBatched(scope: Scope, statement: Statement): Promise<TextRow[]> {
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

  write(scope: Scope, entityIds: readonly number[], statement: Statement): Promise<TextRow[]> {
    return this.#lockWaits.run(
      scope.id,
      () => this.#writeAlone(briefEntrance(scope, entityIds), statement),
      () => this.#writeAlone(writeEntrance(scope, entityIds), statement),
    )
  }

  writeBatched(scope: Scope, entityId: number, statement: Statement): Promise<TextRow[]> {
    return this.#lockWaits.run(
      scope.id,
      () => this.#writes.write({ scope, entityId, statement }),
      () => this.#writeAlone(writeEntrance(scope, [entityId]), statement),
    )
  }

  async #writeAlone(entrance: Entrance, statement: Statement): Promise<TextRow[]> {
    return onlyRows(await this.#runner.run([{ entrance, statements: [statement] }], UNBOUNDED))
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
