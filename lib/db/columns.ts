// The columns that a store selects, each with the decoder of its text, in one table: the list in its statements and the object
// made of a row both come from it, so they cannot disagree.
//
//   const USER = columns<User>({ id: column.text('id'), createdAt: column.timestamp('created_at') })
//   const rows = await db.read(scope, { text: `select ${USER.list} from account`, values: [] })
//   return rows.map(USER.decode)
import type { TextRow } from './statement.ts'
import { toIsoTimestamp } from './timestamp.ts'

/** A column: its SQL expression, and the decoder of its value from PostgreSQL's text. */
export interface Column<T> {
  readonly sql: string
  readonly decode: (text: string | null) => T
}

export interface Columns<T> {
  /** What follows `select` or `returning`: every column as text. */
  readonly list: string
  /** The object that a row of the list stands for. */
  readonly decode: (row: TextRow) => T
  /** One member of that object, for those who do not need the others. */
  readonly value: <K extends keyof T & string>(row: TextRow, name: K) => T[K]
}

/** @param table the column of each member of T; their order is that of the list */
export function columns<T>(table: { readonly [K in keyof T & string]-?: Column<T[K]> }): Columns<T> {
  const names = Object.keys(table) as (keyof T & string)[]
  const places = new Map(names.map((name, at) => [name, at]))
  const value = <K extends keyof T & string>(row: TextRow, name: K) =>
    table[name].decode(row[places.get(name) as number] ?? null)
  return {
    list: names.map((name) => `(${table[name].sql})::text`).join(', '),
    decode: (row) => Object.fromEntries(names.map((name) => [name, value(row, name)])) as T,
    value,
  }
}

/** A column that is never null; a null is an error, not a value. */
function notNull<T>(sql: string, parse: (text: string) => T): Column<T> {
  const decode = (text: string | null) => {
    if (text === null) throw new Error(`the column ${sql} is null`)
    return parse(text)
  }
  return { sql, decode }
}

/** A column that may be null. */
export function orNull<T>({ sql, decode }: Column<T>): Column<T | null> {
  return { sql, decode: (text) => (text === null ? null : decode(text)) }
}

/** The kinds of columns, by what their texts are decoded to; each takes an SQL expression. */
export const column = {
  text: (sql: string) => notNull(sql, (text) => text),
  /** Up to 2^53. */
  integer: (sql: string) => notNull(sql, Number),
  boolean: (sql: string) => notNull(sql, (text) => text === 'true'),
  /** ISO 8601, UTC. */
  timestamp: (sql: string) => notNull(sql, toIsoTimestamp),
  json: <T>(sql: string) => notNull(sql, (text) => JSON.parse(text) as T),
  /** Of a bytea. */
  bytes: (sql: string) => notNull(`encode(${sql}, 'hex')`, (text) => Buffer.from(text, 'hex')),
}

/** The row of a statement that always gives one. */
export function oneRow([row]: readonly TextRow[]): TextRow {
  if (row === undefined) throw new Error('a statement gave no row')
  return row
}
