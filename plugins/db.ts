// The database: @fastify/postgres' pool, each of its connections under the role that row-level security binds. Statements
// go through app.db, inside a tenant each; what belongs to no tenant is in app.directory.

import fastifyPostgres from '@fastify/postgres'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import pg from 'pg'
import { PREPARE_ENTER_STATEMENTS } from '../lib/db/batching/tenant-batch.ts'
import { createPipelinedClient, GuardedClient } from '../lib/db/connections/guarded-client.ts'
import { PipelinedConnections } from '../lib/db/connections/pipelined-connections.ts'
import { PLANNER_SETTINGS } from '../lib/db/connections/planner-settings.ts'
import { ShrinkingPool } from '../lib/db/connections/shrinking-pool.ts'
import { closeWhenSilent, KEEP_ALIVE } from '../lib/db/connections/socket-timeout.ts'
import type { TenantDb } from '../lib/db/statement.ts'
import { PooledTenantDb } from '../lib/db/tenant-db.ts'
import { TenantDirectory } from '../lib/db/tenant-directory.ts'

export interface DbOptions {
  url: string
  /** The role to work as; null: the URL's own user. */
  role: string | null
  /** The schema of the tables, as a quoted identifier; the role's own search path may lead elsewhere. */
  schema?: string
  /** Milliseconds a statement may take. */
  statementTimeout: number
  poolSize?: number
  /** Milliseconds that whatever needs a connection waits for one, or for its turn at one. */
  connectTimeout?: number
}

declare module 'fastify' {
  interface FastifyInstance {
    db: TenantDb
    directory: TenantDirectory
  }
}

const CONNECT_TIMEOUT = 5000

/** Measured on two cores: one is slower under load, more gain nothing. */
const PIPELINES = 2

function sessionSetup({ role, schema, statementTimeout }: DbOptions): string {
  return [
    ...(role === null ? [] : [`set role ${role}`]),
    ...(schema === undefined ? [] : [`set search_path to ${schema}`]),
    "set timezone to 'UTC'",
    "set datestyle to 'ISO'",
    `set statement_timeout to ${statementTimeout}`,
    ...PLANNER_SETTINGS,
    PREPARE_ENTER_STATEMENTS,
  ].join(';')
}

/**
 * A connection may break at any moment, also while a request uses it. Its statements reject; an error event without a
 * listener would end the process.
 */
async function setUp(client: pg.ClientBase, options: DbOptions): Promise<void> {
  client.on('error', () => {})
  closeWhenSilent(client, options.statementTimeout)
  await client.query(sessionSetup(options))
}

const connectionConfig = ({ url, connectTimeout = CONNECT_TIMEOUT }: DbOptions) => ({
  connectionString: url,
  connectionTimeoutMillis: connectTimeout,
  ...KEEP_ALIVE,
})

async function connectPipeline(options: DbOptions): Promise<pg.Client> {
  const client = createPipelinedClient(connectionConfig(options))
  client.on('error', () => {})
  await client.connect()
  await setUp(client, options).catch(async (error) => {
    await client.end()
    throw error
  })
  return client
}

async function db(app: FastifyInstance, options: DbOptions): Promise<void> {
  await app.register(fastifyPostgres, {
    ...connectionConfig(options),
    max: options.poolSize ?? 10,
    pg: { ...pg, Pool: ShrinkingPool },
    Client: GuardedClient,
    onConnect: (client: pg.ClientBase) => setUp(client, options),
  })
  app.pg.pool.on('error', (error) => {
    // While the pool closes, the server may be the first to end a connection.
    if (!app.pg.pool.ending) app.log.warn(`an idle database connection was lost: ${error.message}`)
  })
  const pipelines = new PipelinedConnections(() => connectPipeline(options), PIPELINES)
  app.addHook('onClose', () => pipelines.close())
  app.decorate('db', new PooledTenantDb(app.pg.pool, pipelines))
  app.decorate('directory', new TenantDirectory(app.pg.pool))
}

export default fp(db, { name: 'db' })
