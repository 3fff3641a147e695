// A write statement, inside a transaction or as one of its own.

import { isCounted } from '../../db/quota-counters.ts'
import type { Queryable, Statement, TextRow } from '../../db/statement.ts'
import type { RecordContext } from '../actor.ts'
import type { StoredColumns, WriteScope, WrittenRow } from './written-row.ts'

/** Runs a statement whose columns are those of answerColumns. */
export async function runStatement(tx: Queryable, { text, values }: Statement): Promise<WrittenRow[]> {
  return (await tx.query<WrittenRow>(text, [...values])).rows
}

/** From here on a transaction may answer with as much as a whole one: what it has answered with is no longer in memory. */
export async function forgetAnswers(tx: Queryable): Promise<void> {
  await tx.query("select set_config('app.answer_size', '', true)")
}

/**
 * Runs a statement that writes these rows, together with others where none can stand in the way of another for long: one
 * record, no links, and nothing counted, whose locks have to be the last of a transaction.
 */
export function runWrite(
  { db }: Pick<RecordContext, 'db'>,
  { scope, entity }: WriteScope,
  rows: readonly StoredColumns[],
  statement: Statement,
): Promise<TextRow[]> {
  const [row, ...others] = rows
  const plain = row !== undefined && others.length === 0 && row.links.length === 0
  const cost = plain && !isCounted(scope) ? 'row' : 'open'
  return db.write(scope, [entity.id], { ...statement, cost })
}
