// The records of a statement as a stream of text, at the reader's pace: nothing more is read from the database than is
// taken. A reader who is slower than the database does not hold its connection: the rest goes to a temporary file.
import { Readable } from 'node:stream'
import type { RowBatches } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import type { Spool } from '../../files/spool.ts'
import type { RecordText } from '../format/record-text.ts'
import { SpooledRest } from './spooled-rest.ts'

/** Milliseconds that a connection waits for the reader, in all, before the rest is spooled. */
const SPOOL_AFTER_MS = 1000

/** Milliseconds that it waits in all where there is no room for the rest; then the stream fails. */
const PATIENCE_MS = 60_000

export interface StreamOptions {
  text: RecordText
  /** Most records, beyond the server's page size too. */
  limit: number
  /** A temporary file; errors.unavailable, errors.insufficientStorage when there is no room for one. */
  openSpool: () => Promise<Spool>
}

export class RecordStream extends Readable {
  readonly #batches: RowBatches
  readonly #options: StreamOptions
  #remaining: number
  #begun = false
  #ended = false
  #rest: SpooledRest | undefined
  /** Milliseconds that the database was read, and that the reader took nothing meanwhile. */
  #busyMs = 0
  #waitedMs = 0
  #waitsSince: number | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(batches: RowBatches, options: StreamOptions) {
    super()
    this.#batches = batches
    this.#options = options
    this.#remaining = options.limit
  }

  override _read(): void {
    this.#stopWaiting()
    const next = this.#rest === undefined ? this.#next() : this.#rest.next()
    next.then(
      (text) => this.#pass(text),
      (error) => this.destroy(error),
    )
  }

  /** The text of the next records; null after the last. */
  async #next(): Promise<string | null> {
    if (this.#ended) return null
    const began = performance.now()
    const rows = await this.#batches.next()
    const records = rows.slice(0, this.#remaining).map(([json]) => json as string)
    const { text } = this.#options
    const start = this.#begun ? '' : text.start
    const body = await text.records(records, !this.#begun)
    this.#begun = true
    this.#remaining -= records.length
    this.#ended = records.length === 0 || this.#remaining === 0
    if (this.#ended) await this.#batches.close()
    this.#busyMs += performance.now() - began
    return start + body + (this.#ended ? text.end : '')
  }

  #pass(text: string | Buffer | null): void {
    if (this.destroyed) return
    if (text !== null && this.#holdsConnection) this.#startWaiting()
    // An empty piece would not be followed by another call.
    if (text === null || text.length > 0) this.push(text)
    else this._read()
  }

  get #holdsConnection(): boolean {
    return !this.#ended && (this.#rest === undefined || this.#rest.hasNoRoom)
  }

  #startWaiting(): void {
    this.#waitsSince = performance.now()
    const most = this.#rest === undefined ? Math.max(SPOOL_AFTER_MS, this.#busyMs) : PATIENCE_MS
    const act = () => (this.#rest === undefined ? this.#spool() : this.destroy(errors.unavailable()))
    this.#timer = setTimeout(act, most - this.#waitedMs).unref()
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer)
    if (this.#waitsSince !== undefined) this.#waitedMs += performance.now() - this.#waitsSince
    this.#waitsSince = undefined
  }

  #spool(): void {
    this.#rest = new SpooledRest(this.#options.openSpool, async () => (this.destroyed ? null : this.#next()))
    // The reader may go on taking nothing; the connection then waits for them where there is no room.
    this.#rest.filled.then(() => {
      if (this.#waitsSince !== undefined && this.#holdsConnection && !this.destroyed) this.#startWaiting()
    })
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#stopWaiting()
    this.#batches.close().then(
      () => done(error),
      () => done(error),
    )
  }
}
