// What stores talk to PostgreSQL with: statements, the rows they give, and the interface that runs them in a tenant.
import type { TenantScope } from './scope.ts'

/**
 * What a statement costs at most.
 * `row`: little, whatever the data; a write also ends soon and does no harm to others of its kind in any order.
 * `page`: it walks an index for about as long as its rows are many.
 * `open`: it may take as long as the statement timeout lets it.
 */
export type Cost = 'row' | 'page' | 'open'

/** SQL text that depends on the query's shape alone, and its parameters. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** Default: `open`. */
  readonly cost?: Cost
  /** The right plan depends on the values: it is planned for each execution instead of once per connection. */
  readonly planEachTime?: boolean
  /** Whether it reads other tenants, through a function. */
  readonly acrossTenants?: boolean
  /** Whether nobody awaits its rows any more: then it is cancelled, if it runs on a connection of its own. */
  readonly isAbandoned?: (() => boolean) | undefined
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

/** A transaction that also gives rows as text. */
export interface Transaction extends Queryable {
  read(statement: Statement): Promise<TextRow[]>
}

/** The rows of a statement, read on demand; it holds a connection until it is closed. */
export interface RowBatches {
  /** The next rows; an empty array after the last. */
  next(): Promise<TextRow[]>
  close(): Promise<void>
}

/**
 * What a transaction may write: records of the entities with these ids, the tenant's metadata, or rows of other tenants, into
 * which functions lead it.
 */
export type Target = readonly number[] | 'metadata' | 'other tenants'

/** The database as stores see it: every statement runs inside the scope's tenant, or rejects with STALE_EPOCH. */
export interface TenantDb {
  /**
   * Runs one statement that only reads. By its cost it shares a connection (`row`) or a transaction (`page`) with others,
   * or has a connection of its own.
   */
  read(scope: TenantScope, statement: Statement): Promise<TextRow[]>
  /**
   * Runs one statement that writes records of the entities, none of which changes its schema meanwhile. One of cost `row`
   * for one entity shares a transaction with others, unless it would have to wait for a lock.
   */
  write(scope: TenantScope, entityIds: readonly number[], statement: Statement): Promise<TextRow[]>
  /** The rows of one statement that only reads and has one column of text, from one snapshot, however many they are. */
  stream(scope: TenantScope, statement: Statement): Promise<RowBatches>
  /**
   * Runs several statements as one transaction. Changes of a tenant's metadata run one at a time, and the commit of one
   * makes every older scope stale.
   */
  transaction<T>(scope: TenantScope, target: Target, work: (tx: Transaction) => Promise<T>): Promise<T>
}
