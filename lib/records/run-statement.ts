// A write statement inside a transaction.
import type { Queryable, Statement } from '../postgres/queryable.ts'
import type { WrittenRow } from './write.ts'

/** Runs a statement whose columns are those of answerColumns. */
export async function runStatement(tx: Queryable, { text, values }: Statement): Promise<WrittenRow[]> {
  return (await tx.query<WrittenRow>(text, [...values])).rows
}
