// Writes of single records that share transactions: those of one entity that are asked for together, and what is left, one
// by one, with those of other tenants. Each commit costs the system as much as several writes. One that PostgreSQL refuses
// undoes them all, so they run again, each alone; and the entity of the culprit has no company for a while.

import { isLockFailure } from '../retry-deadlock.ts'
import type { TenantScope } from '../scope.ts'
import type { Statement, TextRow } from '../statement.ts'
import { Batcher } from './batcher.ts'
import { BatchQuarantine } from './quarantine.ts'
import { isStatementError, OF_SEVERAL_TENANTS } from './tenant-batcher.ts'
import { enterWriteBriefly, type Outcome, type TenantBatch } from './tenant-query.ts'

/** More at once would let the first wait long for the last. */
const OF_AN_ENTITY = 50

/** Transactions of one entity that may be under way at once: while they are, the next is gathered. */
const CONCURRENCY = 2

export interface PendingWrite {
  scope: TenantScope
  entityId: number
  statement: Statement
}

export interface WriteBatcherOptions {
  /** Runs a write as a transaction of its own, that waits for locks as briefly as those of several. */
  alone(asked: PendingWrite): Promise<TextRow[]>
  /** Runs batches as one transaction. */
  together(batches: readonly TenantBatch[]): Promise<Outcome>
  /** How many transactions for several tenants may be under way. */
  concurrency: number
}

export class WriteBatcher {
  readonly #options: WriteBatcherOptions
  readonly #loners = new BatchQuarantine<number>()
  readonly #ofEntities: Batcher<PendingWrite, TextRow[]>
  readonly #ofTenants: Batcher<PendingWrite, TextRow[]>

  constructor(options: WriteBatcherOptions) {
    this.#options = options
    this.#ofEntities = new Batcher({
      send: (asked) => this.#writeOfEntity(asked),
      // Who is stopped at the door would be stopped there alone, too.
      mayRepeat: (error, answered) => isStatementError(error) && !(answered === 0 && isLockFailure(error)),
      concurrency: CONCURRENCY,
      maxSize: OF_AN_ENTITY,
      readOnly: false,
    })
    this.#ofTenants = new Batcher({
      ...OF_SEVERAL_TENANTS,
      send: (asked) => this.#writeOfTenants(asked),
      concurrency: options.concurrency,
      readOnly: false,
    })
  }

  /** The rows of a write; it rejects with its own error, never with that of another. */
  write(asked: PendingWrite): Promise<TextRow[]> {
    const { scope, entityId } = asked
    if (this.#loners.has(entityId)) return this.#options.alone(asked)
    return this.#ofEntities.ask(`${scope.id} ${scope.epoch} ${entityId}`, asked)
  }

  async #writeOfEntity(asked: readonly PendingWrite[]): Promise<Outcome> {
    const [first, ...others] = asked as [PendingWrite, ...PendingWrite[]]
    if (others.length === 0) return this.#writeOne(first)
    const enter = enterWriteBriefly(first.scope, [first.entityId])
    const outcome = await this.#options.together([{ enter, statements: asked.map(statementOf) }])
    this.#learn(first, outcome.error)
    return outcome
  }

  async #writeOne(asked: PendingWrite): Promise<Outcome> {
    const alone = this.#loners.has(asked.entityId)
    const rows = await (alone ? this.#options.alone(asked) : this.#ofTenants.ask('', asked))
    return { answers: [rows], error: null }
  }

  async #writeOfTenants(asked: readonly PendingWrite[]): Promise<Outcome> {
    const [first, ...others] = asked as [PendingWrite, ...PendingWrite[]]
    const outcome = await this.#options.together(asked.map(batchOf))
    if (others.length === 0) this.#learn(first, outcome.error)
    return outcome
  }

  #learn({ entityId }: PendingWrite, error: Error | null): void {
    if (error !== null && isStatementError(error)) this.#loners.note(entityId)
  }
}

const statementOf = ({ statement }: PendingWrite) => statement

const batchOf = ({ scope, entityId, statement }: PendingWrite): TenantBatch => ({
  enter: enterWriteBriefly(scope, [entityId]),
  statements: [statement],
})
