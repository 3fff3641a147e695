// What stores are given to talk to PostgreSQL with, and the conditions that Univera raises there itself.
import type { TenantScope } from './scope.ts'

/** SQL text that depends on the query's shape alone, and its parameters. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** The right plan depends on the values: made anew each time instead of kept with a prepared statement. */
  readonly planEachTime?: boolean
}

/** A row as PostgreSQL's own text, column by column. */
export type TextRow = (string | null)[]

export interface Rows<T> {
  rows: T[]
  rowCount: number | null
}

/** A connection inside a transaction. */
export interface Queryable {
  query<T = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Rows<T>>
}

/** A transaction of the server's own: it also gives rows as text. */
export interface Transaction extends Queryable {
  read(statement: Statement): Promise<TextRow[]>
}

/** The rows of a statement, read as they are wanted; it holds a connection until it is closed. */
export interface RowBatches {
  /** The next rows; none: there are no more. */
  next(): Promise<TextRow[]>
  close(): Promise<void>
}

/** The database as stores see it: every statement runs inside the scope's tenant, or rejects with STALE_EPOCH. */
export interface TenantDb {
  /** One statement that only reads. */
  read(scope: TenantScope, statement: Statement): Promise<TextRow[]>
  /** As `read`, on a connection shared with others: for statements that cost little whatever the data. */
  readQuick(scope: TenantScope, statement: Statement): Promise<TextRow[]>
  /** As `read`, in one transaction with others: for statements that walk an index. */
  readBatched(scope: TenantScope, statement: Statement): Promise<TextRow[]>
  /** The rows of one statement that only reads, from one snapshot, however many they are. */
  stream(scope: TenantScope, statement: Statement): Promise<RowBatches>
  /** One statement that writes records of the entities, none of which changes its schema meanwhile. */
  write(scope: TenantScope, entityIds: readonly number[], statement: Statement): Promise<TextRow[]>
  /**
   * As `write`, in one transaction with others of the entity, or of other tenants: for statements that end soon and do no
   * harm to each other in any order. One that would have to wait for somebody's lock runs alone.
   */
  writeBatched(scope: TenantScope, entityId: number, statement: Statement): Promise<TextRow[]>
  /** Several statements as one transaction that may write records of the entities. */
  transaction<T>(
    scope: TenantScope,
    entityIds: readonly number[],
    work: (tx: Transaction) => Promise<T>,
  ): Promise<T>
  /** A change of the tenant's metadata: one at a time per tenant; its commit makes every older scope stale. */
  change<T>(scope: TenantScope, work: (tx: Transaction) => Promise<T>): Promise<T>
}
