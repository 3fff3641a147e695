// Writes the records that a filter picks batch by batch, in one transaction: all of them or none, whatever their number.

import { splitBySize } from '../../db/batch-size.ts'
import type { Queryable, Statement } from '../../db/statement.ts'
import { LARGEST_ANSWER } from '../../errors/codes.ts'
import { errors } from '../../errors.ts'
import { RETURN_NOTHING } from '../return-plan.ts'
import { LockedRecords } from './bounded-read-store.ts'
import type { Lock } from './lock-store.ts'
import { type Affected, type Collection, checkAffected, mostAffected } from './matching.ts'
import type { Where } from './update-sql.ts'
import type { WrittenRow } from './written-row.ts'

const MEBIBYTE = 2 ** 20

export interface PickOptions {
  where: Where
  lock: Lock
  /** Whether the data of the records is read: batches are then bounded by bytes. */
  measured: boolean
  /** Bytes by which each may grow. */
  growth?: number
}

/**
 * Locks the picked records and writes them; errors.maxAffectedExceeded, errors.notSingular, errors.answerTooLarge.
 *
 * @param write writes the records with these ids; `before` is the number of those written earlier
 */
export async function writePicked(
  tx: Queryable,
  { where, lock, measured, growth }: PickOptions,
  collection: Collection,
  write: (ids: string[], before: number) => Promise<WrittenRow[]>,
): Promise<Affected> {
  const picked = await LockedRecords.open(tx, where, lock, measured)
  const answer = new AnswerRows(collection)
  let count = 0
  for (let found = await picked.next(); found.length > 0; found = await picked.next()) {
    const known = count + found.length
    if (known > mostAffected(collection)) checkAffected(known + (await picked.countRest()), collection)
    for (const batch of splitBySize(found, growth)) {
      const ids = batch.map(({ id }) => id)
      answer.add(await write(ids, count))
      count += ids.length
    }
  }
  await picked.close()
  checkAffected(count, collection)
  return { rows: answer.rows, count }
}

/** Runs a statement that answers with the number of records it has written. */
export async function runCounted(
  tx: Queryable,
  { text, values }: Statement,
  collection: Collection,
): Promise<Affected> {
  const count = Number((await tx.query<{ count: string }>(text, [...values])).rows[0]?.count)
  checkAffected(count, collection)
  return { rows: [], count }
}

/** The rows of an answer, as long as they are no more than one may hold. */
export class AnswerRows {
  readonly rows: WrittenRow[] = []
  readonly #wanted: boolean
  #size = 0

  constructor({ answer }: Collection) {
    this.#wanted = answer !== RETURN_NOTHING
  }

  /** errors.answerTooLarge. */
  add(rows: readonly WrittenRow[]): void {
    if (!this.#wanted) return
    for (const row of rows) {
      this.#size += row.record.length
      this.rows.push(row)
    }
    if (this.#size > LARGEST_ANSWER * MEBIBYTE) throw errors.answerTooLarge(LARGEST_ANSWER)
  }
}
