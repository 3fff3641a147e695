// Statements inside their tenants in one round trip: [enter_read | enter_write] + statements, for each tenant, + Sync.
// Until the Sync PostgreSQL runs the messages as one implicit transaction, so the setting that enter_* makes holds for the
// statements up to the next enter_* and for nothing after them, and a stale epoch skips all that follows.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
import { createRequire } from 'node:module'
import pg from 'pg'
import { serialize } from 'pg-protocol'
import { LARGEST_ANSWER } from '../../errors/codes.ts'
import type { Problem } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { TenantScope } from '../scope.ts'
import type { Statement, TextRow } from '../statement.ts'
import type { Answers } from './batcher.ts'

/** What pg makes of a parameter: text, or bytes of a Buffer. Its own types leave this module out. */
const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils') as {
  prepareValue: (value: unknown) => unknown
}

/**
 * SQL that a connection runs once, so that only Bind and Execute of an enter travel with a statement. Reads enter by a
 * plain statement, which costs less than a function; the `case` keeps the order. Writes wait for locks, and only a
 * function sees what was committed meanwhile.
 */
export const PREPARE_ENTER_STATEMENTS = `
  prepare enter_read(uuid, bigint) as
    select case when set_config('app.tenant_id', $1::text, true) is not null
      then coalesce((select true from tenant where id = $1 and epoch = $2), refuse_stale()) end;
  prepare enter_read_planning(uuid, bigint) as select enter_read_planning($1, $2);
  prepare enter_write(uuid, bigint, bigint[]) as select enter_write($1, $2, $3);
  prepare enter_write_briefly(uuid, bigint, bigint[]) as
    select set_config('lock_timeout', '50ms', true), enter_write($1, $2, $3);`

/** What leads a transaction into its tenant: prepared statements that run before its own, and their values. */
export type EnterStatements = readonly { statement: string; values: string[] }[]

export function enterRead(
  scope: TenantScope,
  { planEachTime }: Pick<Statement, 'planEachTime'> = {},
): EnterStatements {
  const statement = planEachTime ? 'enter_read_planning' : 'enter_read'
  return [{ statement, values: [scope.id, String(scope.epoch)] }]
}

/** Waits for locks as long as it takes. */
export function enterWrite(scope: TenantScope, entityIds: readonly number[]): EnterStatements {
  return [{ statement: 'enter_write', values: writeValues(scope, entityIds) }]
}

/** From here on, what would wait long for the lock of a stranger fails instead. */
export function enterWriteBriefly(scope: TenantScope, entityIds: readonly number[]): EnterStatements {
  return [{ statement: 'enter_write_briefly', values: writeValues(scope, entityIds) }]
}

const writeValues = (scope: TenantScope, entityIds: readonly number[]) => [
  scope.id,
  String(scope.epoch),
  `{${entityIds.join(',')}}`,
]

/** A statement, and the name it is prepared under; without one it is parsed anew each time. */
export interface NamedStatement extends Statement {
  readonly name?: string | undefined
}

/** Statements of one tenant. */
export interface TenantBatch<S = Statement> {
  readonly enter: EnterStatements
  readonly statements: readonly S[]
}

/** What became of statements. */
export type Outcome = Answers<TextRow[]>

/** The part of pg's connection that is spoken to here; its types leave it out. */
interface Wire {
  stream: NodeJS.WritableStream & { cork(): void; uncork(): void }
}

/** What is prepared on a connection, or has been asked to be: texts by their names. */
const prepared = new WeakMap<Wire, Map<string, string>>()

/**
 * pg lets only its own class of queries into a pipeline. Ours passes for one and takes over none of its state: an event
 * emitter, a copy of the settings and a result object with parsers would cost more than all that is done here.
 */
const PassesForQuery = function PassesForQuery() {} as unknown as new () => object

PassesForQuery.prototype = pg.Query.prototype

// The answer to Describe would only be thrown away: every column is read as text.
const EXECUTE = serialize.execute()

const SYNC = serialize.sync()

const MEBIBYTE = 2 ** 20

/** A query that pg runs like any other; its rows are arrays of PostgreSQL text. */
export class TenantQuery extends PassesForQuery implements pg.Submittable {
  /** Called once, with the answers of all batches one after the other. The constructor of pg's own class would set it. */
  readonly callback: (outcome: Outcome) => void
  readonly batches: readonly TenantBatch<NamedStatement>[]
  readonly #answers: (TextRow[] | Problem)[] = []
  #rows: TextRow[] = []
  #size = 0
  readonly #largest: number
  /** Of all that is executed, what nobody asks the answer of. */
  readonly #isEnter: readonly boolean[]
  #completed = 0
  #prepared = new Map<string, string>()
  #fresh: string[] = []

  /** @param largest mebibytes of rows that it may answer with; none for writes, whose answers PostgreSQL bounds */
  constructor(
    batches: readonly TenantBatch[],
    callback: (outcome: Outcome) => void,
    largest = LARGEST_ANSWER,
  ) {
    super()
    this.batches = batches
    this.callback = callback
    this.#largest = largest * MEBIBYTE
    this.#isEnter = batches.flatMap(({ enter, statements }) => [
      ...enter.map(() => true),
      ...statements.map(() => false),
    ])
  }

  /** Called by pg when the query may be sent. */
  submit(connection: unknown): null {
    const wire = connection as Wire
    const { stream } = wire
    stream.cork()
    // Parse goes first: an enter that fails skips what follows it.
    this.#prepare(wire)
    for (const batch of this.batches) send(stream, batch)
    stream.write(SYNC)
    stream.uncork()
    return null
  }

  #prepare(wire: Wire): void {
    this.#prepared = prepared.get(wire) ?? new Map()
    prepared.set(wire, this.#prepared)
    const fresh = this.batches.flatMap(({ statements }) => statements.filter((one) => this.#isFresh(one)))
    // Names are closed first, and all of them before a Parse that may fail: under a name there is its text or nothing.
    for (const { name = '' } of fresh) wire.stream.write(serialize.close({ type: 'S', name }))
    for (const { name = '', text } of fresh) wire.stream.write(serialize.parse({ name, text }))
  }

  #isFresh({ name, text }: NamedStatement): boolean {
    if (name === undefined || this.#prepared.get(name) === text) return false
    this.#prepared.set(name, text)
    this.#fresh.push(name)
    return true
  }

  /** @param length bytes of the message */
  handleDataRow({ fields, length }: { fields: TextRow; length: number }): void {
    this.#size += length
    if (this.#size <= this.#largest) this.#rows.push(fields)
    else this.#rows = []
  }

  handleCommandComplete(): void {
    if (!this.#isEnter[this.#completed++]) this.#answers.push(this.#answer())
    this.#rows = []
  }

  #answer(): TextRow[] | Problem {
    // What comes after the one that was too large has no room either.
    return this.#size > this.#largest ? errors.answerTooLarge(LARGEST_ANSWER) : this.#rows
  }

  handleReadyForQuery(): void {
    this.callback({ answers: this.#answers, error: null })
  }

  handleError(error: Error): void {
    for (const name of this.#fresh) this.#prepared.delete(name)
    this.callback({ answers: this.#answers, error })
  }
}

function send(stream: Wire['stream'], { enter, statements }: TenantBatch<NamedStatement>): void {
  for (const step of enter) execute(stream, step.statement, step.values)
  for (const statement of statements) {
    if (statement.name === undefined) stream.write(serialize.parse({ text: statement.text }))
    execute(stream, statement.name ?? '', statement.values)
  }
}

function execute(stream: Wire['stream'], statement: string, values: readonly unknown[]): void {
  stream.write(serialize.bind({ statement, values: values as unknown[], valueMapper: prepareValue }))
  stream.write(EXECUTE)
}
