// A cursor over the rows of one statement with one column of text, a batch at a time, from one snapshot: a read-only
// transaction that holds a connection from open to close. A batch is bounded by rows and by bytes, so that large rows that
// follow small ones come in small batches. The statement timeout counts for each batch by itself.
import type { Lease } from './connections/gated-pool.ts'
import { REFUSED, staleEpoch } from './enter.ts'
import type { Statement, TextRow } from './statement.ts'
import { publishStatement, statementChannel } from './statement-channel.ts'
import { queryText } from './text-rows.ts'

/** Rows of the first batch, and at most of one. */
const FIRST_ROWS = 50

const MOST_ROWS = 500

/** Bytes that end a batch. */
const BATCH_BYTES = 262_144

export class RowCursor {
  readonly #lease: Lease
  #rows = FIRST_ROWS
  #ahead: TextRow[] | undefined
  #fetching: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | undefined

  private constructor(lease: Lease) {
    this.#lease = lease
  }

  /**
   * Opens the statement and reads its first rows, so that an error in it is met at once.
   *
   * @param enter the statement that brings the transaction into its tenant, ENTER_READ
   */
  static async open(lease: Lease, enter: Statement, statement: Statement): Promise<RowCursor> {
    const { client } = lease
    const cursor = new RowCursor(lease)
    try {
      await client.query('begin transaction read only')
      const [[isCurrent] = []] = await queryText(client, enter)
      if (isCurrent === REFUSED) throw staleEpoch()
      if (statementChannel.hasSubscribers) publishStatement(statement.text, statement.values)
      await client.query(`declare batches no scroll cursor for ${statement.text}`, [...statement.values])
      cursor.#ahead = await cursor.#fetch()
      return cursor
    } catch (error) {
      await cursor.close()
      throw error
    }
  }

  /** The next rows; an empty array after the last. */
  async next(): Promise<TextRow[]> {
    const ahead = this.#ahead
    this.#ahead = undefined
    return ahead ?? this.#fetch()
  }

  /** Ends the transaction and releases the connection, after the batch that is being read. */
  close(): Promise<void> {
    this.#closed ??= this.#end()
    return this.#closed
  }

  async #end(): Promise<void> {
    await this.#fetching
    const broken = await this.#lease.client.query('rollback').then(
      () => false,
      () => true,
    )
    this.#lease.release(broken)
  }

  #fetch(): Promise<TextRow[]> {
    const fetching = queryText(this.#lease.client, {
      text: 'select fetch_batch($1, $2)',
      values: [this.#rows, BATCH_BYTES],
    })
    this.#rows = MOST_ROWS
    this.#fetching = fetching.catch(() => {})
    return fetching
  }
}
