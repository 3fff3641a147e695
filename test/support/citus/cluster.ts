// The Citus cluster of the tests: a coordinator and its workers that somebody else has started. Each test database is one of the
// same name on every node, copied from a distributed template.
import pg from 'pg'
import { distribute } from '../../../lib/postgres/migrate.ts'
import { silentLog } from '../../../lib/process/log.ts'

/** The URL of the coordinator's database that knows the workers, as a superuser; tests then run on Citus. */
export const citusVariable = 'UNIVERA_TEST_CITUS_URL'

/** Runs one statement on a connection of its own. */
export async function query<T extends object>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<T[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<T>(text, values)).rows
  } finally {
    await client.end()
  }
}

/** The URL with another host and port. */
export function atNode(url: string, address: string): string {
  const other = new URL(url)
  other.host = address
  return other.href
}

/** The addresses of the workers, `host:port`. */
export async function workers(): Promise<string[]> {
  const rows = await query<{ address: string }>(
    process.env[citusVariable] as string,
    `select nodename || ':' || nodeport as address from pg_dist_node where groupid <> 0 order by nodeid`,
  )
  return rows.map(({ address }) => address)
}

/** The URL on each node, the coordinator first; without Citus the URL itself. */
export async function nodesOf(url: string): Promise<string[]> {
  if (process.env[citusVariable] === undefined) return [url]
  return [url, ...(await workers()).map((address) => atNode(url, address))]
}

/** Makes the database, which each node has, one of Citus, without tables. */
export async function joinNodes(url: string): Promise<void> {
  for (const node of await nodesOf(url)) await query(node, 'create extension citus')
  const { hostname, port } = new URL(url)
  await query(url, 'select citus_set_coordinator_host($1, $2)', [hostname, Number(port)])
  for (const address of await workers()) {
    const [host, port] = address.split(':')
    await query(url, 'select citus_add_node($1, $2)', [host, Number(port)])
  }
}

/** Makes the database, which each node has, a template with all tables distributed. */
export async function makeCitusTemplate(url: string): Promise<void> {
  await joinNodes(url)
  await distribute(url, silentLog)
  // Citus works on each database in the background, and a template must have no other connection.
  for (const node of await nodesOf(url))
    await query(
      node,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
    )
}
