// TenantDb.write: one statement that writes. Cheap ones share transactions, first with those of their entity, then with
// those of other tenants, since each commit costs the system as much as several writes; one that would wait long for a
// lock, and any of unknown length, runs alone. One that PostgreSQL refuses undoes its batch, whose others run again, each
// alone, and its entity is excluded from batching for a while.
import { TenantLimiter } from '../../concurrency/tenant-limiter.ts'
import type { GatedPool } from '../connections/gated-pool.ts'
import type { Outcome, Step } from '../connections/pg-adapter.ts'
import { retryDeadlock } from '../retry-deadlock.ts'
import type { TenantScope } from '../scope.ts'
import type { Statement, TenantDb, TextRow } from '../statement.ts'
import { isLockFailure, isStatementError } from '../statement-errors.ts'
import type { BatchRunner, RunOptions } from './batch-runner.ts'
import { Batcher } from './batcher.ts'
import { BatchQuarantine } from './quarantine.ts'
import { enterWrite, OF_SEVERAL_TENANTS, SHARED_PART, type TenantBatch } from './tenant-batch.ts'

/** More at once would let the first wait long for the last. */
const BATCH = 50

/** Transactions of one entity that may be in flight at once: while they are, the next is gathered. */
const CONCURRENCY = 2

/** The part of the connections that may wait for locks, and how many of one tenant. */
const WAITING_PART = 0.5

const WAITING_OF_TENANT = 2

/** What a write answers is bounded where it is made: here it would be too late, the write is done. */
const UNBOUNDED = Number.POSITIVE_INFINITY

interface PendingWrite {
  scope: TenantScope
  entityId: number
  statement: Statement
}

export class StatementWriter {
  readonly #runner: BatchRunner
  readonly #ofEntities: Batcher<PendingWrite, TextRow[]>
  readonly #ofTenants: Batcher<PendingWrite, TextRow[]>
  /** Entities whose writes run alone. */
  readonly #refused = new BatchQuarantine<number>()
  /** Few, so that writes that wait for locks never hold the connections of all tenants. */
  readonly #lockWaits: TenantLimiter

  constructor(pool: GatedPool, runner: BatchRunner) {
    this.#runner = runner
    this.#ofEntities = new Batcher({
      send: this.#writeOfEntity,
      // A lock that stops the enter would stop it alone, too.
      mayRepeat: (error, answered) => isStatementError(error) && !(answered === 0 && isLockFailure(error)),
      concurrency: CONCURRENCY,
      maxSize: BATCH,
      readOnly: false,
    })
    this.#ofTenants = new Batcher({
      ...OF_SEVERAL_TENANTS,
      send: this.#writeOfTenants,
      concurrency: pool.places(SHARED_PART),
      readOnly: false,
    })
    this.#lockWaits = new TenantLimiter(pool.places(WAITING_PART), WAITING_OF_TENANT, pool.patience)
  }

  /** Waits only briefly for locks at first; a write that has to wait longer queues for one of few connections. */
  readonly write: TenantDb['write'] = async (scope, entityIds, statement) => {
    const isBatched = statement.cost === 'row' && entityIds.length === 1
    try {
      if (isBatched) return await this.#writeBatched({ scope, entityId: entityIds[0] as number, statement })
      return await this.#writeAlone(scope, enterWrite(scope, entityIds, 'briefly'), statement)
    } catch (error) {
      if (!isLockFailure(error)) throw error
    }
    const enter = enterWrite(scope, entityIds, 'patiently')
    return this.#lockWaits.run(scope.id, () => retryDeadlock(() => this.#writeAlone(scope, enter, statement)))
  }

  #writeAlone(scope: TenantScope, enter: Step, statement: Statement): Promise<TextRow[]> {
    return this.#runner.runAlone({ enter, statements: [statement] }, writingFor(scope))
  }

  #writeBatched(asked: PendingWrite): Promise<TextRow[]> {
    const { scope, entityId } = asked
    if (this.#refused.has(entityId)) return this.#runner.runAlone(batchOf(asked), writingFor(scope))
    return this.#ofEntities.ask(`${scope.id} ${scope.epoch} ${entityId}`, asked)
  }

  readonly #writeOfEntity = async (asked: readonly PendingWrite[]): Promise<Outcome> => {
    const [first] = asked as [PendingWrite]
    if (asked.length === 1) return { answers: [await this.#writeOne(first)], error: null }
    const statements = asked.map(({ statement }) => statement)
    const outcome = await this.#runner.run([{ ...batchOf(first), statements }], writingFor(first.scope))
    this.#note(first, outcome)
    return outcome
  }

  #writeOne(asked: PendingWrite): Promise<TextRow[]> {
    return this.#refused.has(asked.entityId)
      ? this.#runner.runAlone(batchOf(asked), writingFor(asked.scope))
      : this.#ofTenants.ask('', asked)
  }

  readonly #writeOfTenants = async (asked: readonly PendingWrite[]): Promise<Outcome> => {
    const outcome = await this.#runner.run(asked.map(batchOf), { largest: UNBOUNDED, kind: 'write' })
    if (asked.length === 1) this.#note(asked[0] as PendingWrite, outcome)
    return outcome
  }

  /** A refused write says that others of its entity may be refused, too. */
  #note({ entityId }: PendingWrite, { error }: Outcome): void {
    if (error !== null && isStatementError(error)) this.#refused.note(entityId)
  }
}

const writingFor = ({ id }: TenantScope): RunOptions => ({ largest: UNBOUNDED, kind: 'write', tenantId: id })

const batchOf = ({ scope, entityId, statement }: PendingWrite): TenantBatch => ({
  enter: enterWrite(scope, [entityId], 'briefly'),
  statements: [statement],
})
