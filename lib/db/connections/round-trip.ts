// A round trip to PostgreSQL: the statements that travel together, and their answers. The query that it takes writes its own
// protocol messages, and may be sent before those ahead of it are answered.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
import { createRequire } from 'node:module'
import type { Socket } from 'node:net'
import pg from 'pg'
import { LARGEST_ANSWER } from '../../errors/codes.ts'
import type { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import { REFUSED, staleEpoch } from '../enter.ts'
import type { TextRow } from '../statement.ts'
import { type Connection, serialize } from './pg-adapter.ts'
import { PreparedTexts } from './prepared-statements.ts'

const require = createRequire(import.meta.url)

/** What pg makes of a parameter: text, or bytes of a Buffer. */
const { prepareValue } = require('pg/lib/utils') as { prepareValue: (value: unknown) => unknown }

// The answer to Describe would only be thrown away: every column is read as text.
const EXECUTE = serialize.execute()

const SYNC = serialize.sync()

const MEBIBYTE = 2 ** 20

/** One statement of a round trip. */
export interface Step {
  /** The name it is prepared under on first use; '' for one that is parsed each time. */
  readonly name: string
  /** Absent when the connection was set up with the statement prepared: an enter, of which only a refusal is kept. */
  readonly text?: string
  readonly values: readonly unknown[]
}

/** Rows, or why there are none: a Problem where they were not kept, another error where the epoch was refused. */
export type Answer = TextRow[] | Problem | Error

/** The answers to the steps that have a text, up to the first error. */
export interface Outcome {
  readonly answers: readonly Answer[]
  readonly error: Error | null
  /** Bytes of all rows that came, whether they were kept or not. */
  readonly size?: number
}

/** Per connection: the statements prepared, or sent to be: texts by their names. */
const prepared = new WeakMap<Connection, PreparedTexts>()

/** Steps in one round trip: up to the Sync PostgreSQL runs them as one implicit transaction. */
class RoundTrip implements pg.Submittable {
  readonly answers: Answer[] = []
  /** Public because pg wraps and calls it, too, when the connection has a query_timeout. */
  readonly callback: (error: Error | null) => void
  readonly #steps: readonly Step[]
  readonly #largest: number
  #rows: TextRow[] = []
  #stream: Socket | undefined
  /** Bytes of all rows so far. */
  size = 0
  #completed = 0
  /** The epoch of the last enter was refused: what follows up to the next one is discarded. */
  #isStale = false
  readonly #fresh: Step[] = []
  #prepared: PreparedTexts | undefined

  constructor(steps: readonly Step[], largest: number, callback: (error: Error | null) => void) {
    this.callback = callback
    this.#steps = steps
    this.#largest = largest * MEBIBYTE
  }

  /** Called by pg when the query may be sent. */
  submit(connection: unknown): null {
    const { stream } = connection as Connection
    this.#stream = stream
    stream.cork()
    // Parse goes first: a step that fails skips what follows it.
    this.#prepare(connection as Connection)
    for (const { name, text = '', values } of this.#steps) {
      if (name === '') stream.write(serialize.parse({ text }))
      stream.write(
        serialize.bind({ statement: name, values: values as unknown[], valueMapper: prepareValue }),
      )
      stream.write(EXECUTE)
    }
    stream.write(SYNC)
    stream.uncork()
    return null
  }

  #prepare(connection: Connection): void {
    const texts = prepared.get(connection) ?? new PreparedTexts()
    prepared.set(connection, texts)
    this.#prepared = texts
    for (const step of this.#steps) {
      const { name, text } = step
      if (name === '' || text === undefined || texts.has(name, text)) continue
      texts.set(name, text)
      this.#fresh.push(step)
    }
    if (this.#fresh.length === 0) return
    // Names are closed first, and all of them before a Parse that may fail: under a name there is its text or nothing.
    const needed = new Set(this.#steps.map(({ name }) => name))
    const closing = [...this.#fresh.map(({ name }) => name), ...texts.outgrown(needed)]
    for (const name of closing) connection.stream.write(serialize.close({ type: 'S', name }))
    for (const { name, text = '' } of this.#fresh) connection.stream.write(serialize.parse({ name, text }))
  }

  /** @param length bytes of the message */
  handleDataRow({ fields, length }: { fields: TextRow; length: number }): void {
    this.size += length
    if (this.size <= this.#largest) this.#rows.push(fields)
    else this.#rows = []
    // What is still to come might be gigabytes: cheaper to connect again.
    if (this.size > this.#largest * 2) this.#stream?.destroy(errors.answerTooLarge(LARGEST_ANSWER))
  }

  handleCommandComplete(): void {
    const step = this.#steps[this.#completed++]
    if (step?.text === undefined) this.#isStale = this.#rows[0]?.[0] === REFUSED
    else if (this.#isStale) this.answers.push(staleEpoch())
    // What comes after the one that was too large has no room either.
    else this.answers.push(this.size > this.#largest ? errors.answerTooLarge(LARGEST_ANSWER) : this.#rows)
    this.#rows = []
  }

  handleReadyForQuery(): void {
    this.callback(null)
  }

  handleError(error: Error): void {
    for (const { name } of this.#fresh) this.#prepared?.delete(name)
    this.callback(this.#isStale ? staleEpoch() : error)
  }
}

// pg lets only its own class of queries into a pipeline. This one passes for it and takes over none of its state: an
// event emitter, a copy of the settings and a result object with parsers would cost more than all that is done here.
Object.setPrototypeOf(RoundTrip.prototype, pg.Query.prototype)

/**
 * Sends statements in one round trip, as one transaction. Never rejects: an error is part of the outcome.
 *
 * @param largest mebibytes of rows that are kept; none for writes, whose answers PostgreSQL bounds
 */
export function exchange(
  client: pg.ClientBase,
  steps: readonly Step[],
  largest = LARGEST_ANSWER,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const trip = new RoundTrip(steps, largest, (error) =>
      resolve({ answers: trip.answers, error, size: trip.size }),
    )
    client.query(trip)
  })
}
