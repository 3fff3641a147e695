// Exports a whole list as a stream, from one snapshot, at the reader's pace: nothing more is read from the database than is
// taken, and a reader who takes nothing for a minute loses the connection. Every export is in the audit log.
import { Readable } from 'node:stream'
import { type ExportEvent, recordExport } from '../../audit/export-audit-store.ts'
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
  /** Most records, beyond the server's page size too. */
  limit: number
  /** For the audit log. */
  event: ExportEvent
}

/** The records of the plan in its order, up to the limit; resolves when the first rows are read and the export is logged. */
export async function openExport(
  stores: RecordContext,
  actor: Actor,
  plan: ListPlan,
  options: ExportOptions,
): Promise<Readable> {
  const whole = { ...plan, limit: options.limit, maxLimit: Number.POSITIVE_INFINITY }
  const open = () => stores.db.stream(actor.caller.tenant, exportSql(whole))
  const stream = new RecordStream(await withIndexAdvice(stores, actor, plan, open), options)
  // Nothing leaves before the log says so.
  await recordExport(stores.db, actor.caller, options.event).catch((error) => {
    stream.destroy()
    throw error
  })
  return stream
}

class RecordStream extends Readable {
  readonly #batches: RowBatches
  readonly #text: RecordText
  #remaining: number
  #begun = false
  #stalled: NodeJS.Timeout | undefined

  constructor(batches: RowBatches, { text, limit }: ExportOptions) {
    super()
    this.#batches = batches
    this.#text = text
    this.#remaining = limit
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
    this.#stalled = setTimeout(() => this.destroy(errors.unavailable()), PATIENCE_MS).unref()
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
