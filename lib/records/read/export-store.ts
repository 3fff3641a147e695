// A whole list as a stream, from one snapshot, as fast as its reader takes it: while he does not, nothing more is read
// from the database, and when he takes nothing for long the connection is taken back.
import { Readable } from 'node:stream'
import type { RowBatches } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import type { ListPlan } from '../../query/plan/plan-list.ts'
import { exportSql } from '../../query/sql/list.ts'
import type { Actor, RecordContext } from '../actor.ts'
import type { RecordText } from '../format/record-text.ts'
import { withIndexAdvice } from '../index-advice.ts'

/** Milliseconds that a reader may take nothing. */
const PATIENCE_MS = 60_000

export interface ExportOptions {
  text: RecordText
  /** Most records; whatever the server's page size is. */
  limit: number
  patience?: number
}

/** The records of the plan in its order, all of them up to the limit; its first rows have been read. */
export async function openExport(
  stores: RecordContext,
  actor: Actor,
  plan: ListPlan,
  options: ExportOptions,
): Promise<Readable> {
  const whole = { ...plan, limit: options.limit, maxLimit: Number.POSITIVE_INFINITY }
  const open = () => stores.db.stream(actor.caller.tenant, exportSql(whole))
  return new RecordStream(await withIndexAdvice(stores, actor, plan, open), options)
}

class RecordStream extends Readable {
  readonly #batches: RowBatches
  readonly #text: RecordText
  readonly #patience: number
  #remaining: number
  #begun = false
  #stalled: NodeJS.Timeout | undefined

  constructor(batches: RowBatches, { text, limit, patience = PATIENCE_MS }: ExportOptions) {
    super()
    this.#batches = batches
    this.#text = text
    this.#remaining = limit
    this.#patience = patience
  }

  override _read(): void {
    clearTimeout(this.#stalled)
    this.#batches.next().then(
      (rows) => this.#pass(rows.slice(0, this.#remaining).map(([json]) => json as string)),
      (error) => this.destroy(error),
    )
  }

  #pass(records: string[]): void {
    if (this.destroyed) return
    const start = this.#begun ? '' : this.#text.start
    const text = start + this.#text.records(records, !this.#begun)
    this.#begun = true
    this.#remaining -= records.length
    if (records.length === 0 || this.#remaining === 0) {
      this.push(text + this.#text.end)
      this.push(null)
      return
    }
    this.#stalled = setTimeout(() => this.destroy(errors.unavailable()), this.#patience).unref()
    this.push(text)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#stalled)
    this.#batches.close().then(
      () => done(error),
      () => done(error),
    )
  }
}
