// A statement whose rows come as PostgreSQL's own text, nothing parsed.
import type pg from 'pg'
import type { Statement, TextRow } from './statement.ts'

/** What pg is told to make of a column: nothing. */
export const plainText = { getTypeParser: () => (value: string) => value }

/** Runs a statement on a connection that is in a transaction. */
export async function queryText(client: pg.ClientBase, { text, values }: Statement): Promise<TextRow[]> {
  const query = { text, values: [...values], rowMode: 'array' as const, types: plainText }
  return (await client.query<TextRow>(query)).rows
}
