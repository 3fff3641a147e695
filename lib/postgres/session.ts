// A connection for one piece of an operator's work, outside of any server's pool.
import pg from 'pg'

/** Connects, does the work, and ends the connection; `name` is what PostgreSQL shows of it. */
export async function withSession<T>(
  url: string,
  name: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: name })
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
