// A statement whose rows come as PostgreSQL's own text, nothing parsed.
import type pg from 'pg'
import type { Statement, TextRow } from './statement.ts'
import { publishStatement, statementChannel } from './statement-channel.ts'

/** Parsers for pg that leave every column as it is. */
const plainText = { getTypeParser: () => (value: string) => value }

/** Runs a statement on a connection that is in a transaction. */
export async function queryText(client: pg.ClientBase, { text, values }: Statement): Promise<TextRow[]> {
  if (statementChannel.hasSubscribers) publishStatement(text, values)
  const query = { text, values: [...values], rowMode: 'array' as const, types: plainText }
  return (await client.query<TextRow>(query)).rows
}
