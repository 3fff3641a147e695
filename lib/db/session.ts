// Connections to PostgreSQL and the sessions on them: role, time zone, planner, and the statements that enter a tenant.

import pg from 'pg'
import { prepareEnterStatements } from './batching/tenant-batch.ts'
import { createPipelinedClient } from './connections/guarded-client.ts'
import { PLANNER_SETTINGS, PLANNER_SETTINGS_ON_CITUS } from './connections/planner-settings.ts'
import { closeWhenSilent, KEEP_ALIVE } from './connections/socket-timeout.ts'
import { ENTERS, ENTERS_ELSEWHERE, type Enters, entersOfShard } from './enter.ts'
import { openingOf } from './nodes/nodes.ts'

export interface ConnectionOptions {
  url: string
  /** The role to work as; null: the URL's own user. */
  role: string | null
  /** The schema of the tables, as a quoted identifier; the role's own search path may lead elsewhere. */
  schema?: string
  /** Whether the tables are distributed over the nodes of Citus, of which the URL's is the coordinator. */
  isDistributed?: boolean
  /** The group of shards that the connections are for. */
  shard?: string
  /** Milliseconds a statement may take. */
  statementTimeout: number
  /** Milliseconds that whatever needs a connection waits for one, or for its turn at one. */
  connectTimeout?: number
}

const CONNECT_TIMEOUT = 5000

function entersOf({ isDistributed, shard }: ConnectionOptions): Enters {
  if (!isDistributed) return ENTERS
  return shard === undefined ? ENTERS_ELSEWHERE : entersOfShard(shard)
}

function sessionSetup(options: ConnectionOptions): string {
  const { role, schema, statementTimeout, isDistributed, shard } = options
  return [
    ...(role === null ? [] : [`set role ${role}`]),
    ...(schema === undefined ? [] : [`set search_path to ${schema}`]),
    "set timezone to 'UTC'",
    "set datestyle to 'ISO'",
    `set statement_timeout to ${statementTimeout}`,
    ...(isDistributed && shard === undefined ? PLANNER_SETTINGS_ON_CITUS : PLANNER_SETTINGS),
    ...(shard === undefined ? [] : openingOf(shard, schema)),
    prepareEnterStatements(entersOf(options)),
    // A statement that has come through another node is not on a connection of the server's: it is refused.
    ...(isDistributed ? ["set app.is_server to 'on'"] : []),
  ].join(';')
}

/**
 * A connection may break at any moment, also while a request uses it. Its statements reject; an error event without a
 * listener would end the process.
 */
export async function setUp(client: pg.ClientBase, options: ConnectionOptions): Promise<void> {
  client.on('error', () => {})
  closeWhenSilent(client, options.statementTimeout)
  await client.query(sessionSetup(options))
}

export const connectionConfig = ({ url, connectTimeout = CONNECT_TIMEOUT }: ConnectionOptions) => ({
  connectionString: url,
  connectionTimeoutMillis: connectTimeout,
  ...KEEP_ALIVE,
})

/** Connects a client, and sets its session up. */
async function opened<Client extends pg.Client>(client: Client, options: ConnectionOptions): Promise<Client> {
  client.on('error', () => {})
  await client.connect()
  await setUp(client, options).catch(async (error) => {
    await client.end()
    throw error
  })
  return client
}

/** Connects a client that sends its statements without awaiting the answers of those before. */
export const connectPipeline = (options: ConnectionOptions): Promise<pg.Client> =>
  opened(createPipelinedClient(connectionConfig(options)), options)

/** Connects an ordinary client, outside any pool. */
export const connectAlone = (options: ConnectionOptions): Promise<pg.Client> =>
  opened(new pg.Client(connectionConfig(options)), options)
