// One statement inside its tenant in one round trip: [enter_read | enter_write] + statement + Sync.
// Until the Sync PostgreSQL runs the messages as one implicit transaction, so the setting that enter_* makes
// holds for the statement and for nothing after it, and a stale epoch skips the statement altogether.
// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
import pg from 'pg'
import type { Scope, Statement, TextRow } from './queryable.ts'
import { plainText } from './text-query.ts'

/** SQL that a connection runs once, so that only Bind and Execute of an entrance travel with a statement. */
export const PREPARE_ENTRANCES = `
  prepare enter_read(uuid, bigint) as select enter_read($1, $2);
  prepare enter_read_planning(uuid, bigint) as select enter_read_planning($1, $2);
  prepare enter_write(uuid, bigint, bigint[]) as select enter_write($1, $2, $3);`

export interface Entrance {
  readonly statement: 'enter_read' | 'enter_read_planning' | 'enter_write'
  readonly values: readonly string[]
}

export function readEntrance(scope: Scope, { planEachTime }: Pick<Statement, 'planEachTime'> = {}): Entrance {
  const statement = planEachTime ? 'enter_read_planning' : 'enter_read'
  return { statement, values: [scope.id, String(scope.epoch)] }
}

export function writeEntrance(scope: Scope, entityIds: readonly number[]): Entrance {
  return { statement: 'enter_write', values: [scope.id, String(scope.epoch), `{${entityIds.join(',')}}`] }
}

/** The part of pg's connection that is spoken to here; its types leave it out. */
interface Wire {
  parse(message: { name: string; text: string }): void
  bind(message: { statement: string; values: readonly string[] }): void
  execute(message: object): void
  submittedNamedStatements: Record<string, string>
}

/** pg.Query as its source has it: the hooks that its types leave out. */
interface QueryHooks {
  hasBeenParsed(wire: Wire): boolean
  prepare(wire: Wire): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, wire: Wire): void
}
type QueryClass = new (
  config: object,
  values: undefined,
  callback: (error: Error | null, result: { rows: TextRow[] }) => void,
) => QueryHooks & pg.Submittable

const BaseQuery = pg.Query as unknown as QueryClass

/** A query that pg runs like any other; its rows are arrays of PostgreSQL text. */
export class ScopedQuery extends BaseQuery {
  readonly #entrance: Entrance
  readonly #text: string
  readonly #name: string | undefined
  #entered = false

  /** @param name prepares the statement under this name; undefined parses it anew each time */
  constructor(
    entrance: Entrance,
    statement: Statement,
    name: string | undefined,
    callback: (error: Error | null, result: { rows: TextRow[] }) => void,
  ) {
    const { text, values } = statement
    super(
      { text, values, name, rowMode: 'array', types: plainText, queryMode: 'extended' },
      undefined,
      callback,
    )
    this.#entrance = entrance
    this.#text = text
    this.#name = name
  }

  override prepare(wire: Wire): void {
    // Parse goes first: an entrance that fails skips what follows it, and pg would believe the statement parsed.
    if (this.#name !== undefined && !this.hasBeenParsed(wire)) {
      wire.parse({ name: this.#name, text: this.#text })
      wire.submittedNamedStatements[this.#name] = this.#text
    }
    wire.bind(this.#entrance)
    wire.execute({})
    super.prepare(wire)
  }

  override handleDataRow(message: unknown): void {
    if (this.#entered) super.handleDataRow(message)
  }

  override handleCommandComplete(message: unknown, wire: Wire): void {
    if (this.#entered) super.handleCommandComplete(message, wire)
    this.#entered = true
  }
}
