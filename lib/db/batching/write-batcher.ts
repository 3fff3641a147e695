// Writes of single records that share transactions: those of one entity that are asked for together, and what is left, one
// by one, with those of other tenants. Each commit costs the system as much as several writes. One that PostgreSQL refuses
// undoes them all, so they run again, each alone; and the entity of the culprit has no company for a while.

import { hasGivenWay } from '../retry-deadlock.ts'
import type { Scope } from '../scope.ts'
import type { Statement, TextRow } from '../statement.ts'
import { Batcher } from './batcher.ts'
import { Loners } from './quarantine.ts'
import { isOwnFault, OF_SEVERAL_TENANTS } from './tenant-batcher.ts'
import { briefEntrance, type Outcome, type Visit } from './tenant-query.ts'

/** More at once would let the first wait long for the last. */
const OF_AN_ENTITY = 50

/** Transactions of one entity that may be under way at once: while they are, the next is gathered. */
const CONCURRENCY = 2

export interface AskedToWrite {
  scope: Scope
  entityId: number
  statement: Statement
}

export interface BatchedWritesOptions {
  /** Runs a write as a transaction of its own, that waits for locks as briefly as those of several. */
  alone(asked: AskedToWrite): Promise<TextRow[]>
  /** Runs visits as one transaction. */
  together(visits: readonly Visit[]): Promise<Outcome>
  /** How many transactions for several tenants may be under way. */
  concurrency: number
}

export class BatchedWrites {
  readonly #options: BatchedWritesOptions
  readonly #loners = new Loners<number>()
  readonly #ofEntities: Batcher<AskedToWrite, TextRow[]>
  readonly #ofTenants: Batcher<AskedToWrite, TextRow[]>

  constructor(options: BatchedWritesOptions) {
    this.#options = options
    this.#ofEntities = new Batcher({
      send: (asked) => this.#writeOfEntity(asked),
      // Who is stopped at the door would be stopped there alone, too.
      mayRepeat: (error, answered) => isOwnFault(error) && !(answered === 0 && hasGivenWay(error)),
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
  write(asked: AskedToWrite): Promise<TextRow[]> {
    const { scope, entityId } = asked
    if (this.#loners.has(entityId)) return this.#options.alone(asked)
    return this.#ofEntities.ask(`${scope.id} ${scope.epoch} ${entityId}`, asked)
  }

  async #writeOfEntity(asked: readonly AskedToWrite[]): Promise<Outcome> {
    const [first, ...others] = asked as [AskedToWrite, ...AskedToWrite[]]
    if (others.length === 0) return this.#writeOne(first)
    const entrance = briefEntrance(first.scope, [first.entityId])
    const outcome = await this.#options.together([{ entrance, statements: asked.map(statementOf) }])
    this.#learn(first, outcome.error)
    return outcome
  }

  async #writeOne(asked: AskedToWrite): Promise<Outcome> {
    const alone = this.#loners.has(asked.entityId)
    const rows = await (alone ? this.#options.alone(asked) : this.#ofTenants.ask('', asked))
    return { answers: [rows], error: null }
  }

  async #writeOfTenants(asked: readonly AskedToWrite[]): Promise<Outcome> {
    const [first, ...others] = asked as [AskedToWrite, ...AskedToWrite[]]
    const outcome = await this.#options.together(asked.map(visitOf))
    if (others.length === 0) this.#learn(first, outcome.error)
    return outcome
  }

  #learn({ entityId }: AskedToWrite, error: Error | null): void {
    if (error !== null && isOwnFault(error)) this.#loners.note(entityId)
  }
}

const statementOf = ({ statement }: AskedToWrite) => statement

const visitOf = ({ scope, entityId, statement }: AskedToWrite): Visit => ({
  entrance: briefEntrance(scope, [entityId]),
  statements: [statement],
})
