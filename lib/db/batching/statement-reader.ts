// TenantDb.read: one statement that only reads, by its cost pipelined with others, batched with others, or alone on a
// connection. Rows come back as PostgreSQL's text, or the error of the statement itself.
import { Problem } from '../../errors/problem.ts'
import type { GatedPool } from '../connections/gated-pool.ts'
import { HUGE_TEXT } from '../connections/prepared-statements.ts'
import type { Outcome } from '../connections/round-trip.ts'
import type { TenantScope } from '../scope.ts'
import type { Statement, TenantDb, TextRow } from '../statement.ts'
import { isStatementError } from '../statement-errors.ts'
import { type BatchRunner, HUGE_ANSWER } from './batch-runner.ts'
import { Batcher } from './batcher.ts'
import { BatchQuarantine } from './quarantine.ts'
import { enterRead, SHARED_PART, type TenantBatch, tenantBatcher } from './tenant-batch.ts'

/** More at once would let the first wait long for the last. */
const BATCH = 16

/** Transactions of one tenant that may be in flight at once: while they are, the next is gathered. */
const CONCURRENCY = 2

/** Characters of an answer that others may have to wait for. */
const BULKY_ANSWER = 2 ** 18

/** Reads of a tenant for which its last huge answer counts. */
const HUGE_FOR = 16

interface PendingRead {
  scope: TenantScope
  statement: Statement
}

export class StatementReader {
  readonly #runner: BatchRunner
  readonly #rows: Batcher<PendingRead, TextRow[]>
  readonly #pages: Batcher<PendingRead, TextRow[]>
  /** Tenants whose answers were large: they are read alone. */
  readonly #bulky = new BatchQuarantine<string>()
  /** Tenants whose answers were huge: a few of these are read at a time. */
  readonly #huge = new BatchQuarantine<string>(HUGE_FOR)

  constructor(pool: GatedPool, runner: BatchRunner) {
    this.#runner = runner
    const shared = tenantBatcher(runner.runShared, Number.POSITIVE_INFINITY)
    this.#rows = gatherReads(shared, Number.POSITIVE_INFINITY)
    const pooled = tenantBatcher(runner.run, pool.places(SHARED_PART))
    this.#pages = gatherReads(pooled, CONCURRENCY)
  }

  readonly read: TenantDb['read'] = (scope, statement) => {
    switch (statement.cost) {
      case 'row':
        return this.#readWithOthers(this.#rows, scope, statement)
      case 'page':
        return this.#readWithOthers(this.#pages, scope, statement)
      default:
        return this.#readAlone(scope, statement)
    }
  }

  async #readWithOthers(
    batcher: Batcher<PendingRead, TextRow[]>,
    scope: TenantScope,
    statement: Statement,
  ): Promise<TextRow[]> {
    if (this.#bulky.has(scope.id)) return this.#readAlone(scope, statement)
    try {
      const rows = await batcher.ask(`${scope.id} ${scope.epoch}`, { scope, statement })
      if (lengthOf(rows) > BULKY_ANSWER) this.#bulky.note(scope.id)
      return rows
    } catch (error) {
      if (!isTooLarge(error)) throw error
      this.#bulky.note(scope.id)
      return this.#readAlone(scope, statement, 'bulk')
    }
  }

  async #readAlone(
    scope: TenantScope,
    statement: Statement,
    kind: 'read' | 'bulk' = statement.text.length > HUGE_TEXT || this.#huge.has(scope.id) ? 'bulk' : 'read',
  ): Promise<TextRow[]> {
    const batch = { enter: enterRead(scope, statement.planEachTime), statements: [statement] }
    try {
      const rows = await this.#runner.runAlone(batch, {
        tenantId: scope.id,
        kind,
        isAbandoned: statement.isAbandoned,
      })
      if (lengthOf(rows) > HUGE_ANSWER) this.#huge.note(scope.id)
      return rows
    } catch (error) {
      if (isTooLarge(error)) this.#huge.note(scope.id)
      throw error
    }
  }
}

/** Gathers reads of one tenant at one epoch, and hands each batch on to those of other tenants. */
function gatherReads(
  tenants: Batcher<TenantBatch, Outcome>,
  concurrency: number,
): Batcher<PendingRead, TextRow[]> {
  return new Batcher({
    send(asked) {
      const [{ scope }] = asked as [PendingRead]
      const statements = asked.map(({ statement }) => statement)
      return tenants.ask('', { enter: enterRead(scope), statements })
    },
    mayRepeat: isStatementError,
    concurrency,
    maxSize: BATCH,
    readOnly: true,
  })
}

const isTooLarge = (error: unknown) => error instanceof Problem && error.kind.code === 'answer_too_large'

/** Characters of all columns. */
function lengthOf(rows: readonly TextRow[]): number {
  let length = 0
  for (const row of rows) for (const text of row) length += text?.length ?? 0
  return length
}
