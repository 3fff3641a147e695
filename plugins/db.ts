// The database: @fastify/postgres' pool, each of its connections under the role that row-level security binds. Statements
// go through app.db, inside a tenant each; what belongs to no tenant is in app.directory.

import fastifyPostgres from '@fastify/postgres'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import pg from 'pg'
import { prepareEnterStatements } from '../lib/db/batching/tenant-batch.ts'
import { GatedPool } from '../lib/db/connections/gated-pool.ts'
import { createPipelinedClient, GuardedClient } from '../lib/db/connections/guarded-client.ts'
import { ObservedPool } from '../lib/db/connections/observed-pool.ts'
import { PipelinedConnections } from '../lib/db/connections/pipelined-connections.ts'
import { PLANNER_SETTINGS, PLANNER_SETTINGS_ON_CITUS } from '../lib/db/connections/planner-settings.ts'
import { ShrinkingPool } from '../lib/db/connections/shrinking-pool.ts'
import { closeWhenSilent, KEEP_ALIVE } from '../lib/db/connections/socket-timeout.ts'
import { type DatabaseObserver, observedDb } from '../lib/db/database-observer.ts'
import { ENTERS, ENTERS_ELSEWHERE, type Enters, entersOfShard } from '../lib/db/enter.ts'
import { NodeDirectory } from '../lib/db/nodes/node-directory.ts'
import { NodeTenantDb } from '../lib/db/nodes/node-tenant-db.ts'
import { type Node, Nodes, openingOf } from '../lib/db/nodes/nodes.ts'
import type { Placement } from '../lib/db/nodes/placement-map.ts'
import type { TenantDb } from '../lib/db/statement.ts'
import { PooledTenantDb } from '../lib/db/tenant-db.ts'
import { TenantDirectory } from '../lib/db/tenant-directory.ts'
import type { Metrics } from '../lib/metrics/metrics.ts'

export interface DbOptions {
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
  poolSize?: number
  /** Milliseconds that whatever needs a connection waits for one, or for its turn at one. */
  connectTimeout?: number
}

declare module 'fastify' {
  interface FastifyInstance {
    db: TenantDb
    directory: TenantDirectory
    /** A connection beside those of the pool, for what belongs to a session; to be ended by who asks. */
    connectAlone: () => Promise<pg.Client>
  }
}

const CONNECT_TIMEOUT = 5000

/** Measured on two cores: one is slower under load, more gain nothing. */
const PIPELINES = 2

function entersOf({ isDistributed, shard }: DbOptions): Enters {
  if (!isDistributed) return ENTERS
  return shard === undefined ? ENTERS_ELSEWHERE : entersOfShard(shard)
}

function sessionSetup(options: DbOptions): string {
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

async function connectAlone(options: DbOptions): Promise<pg.Client> {
  const client = new pg.Client(connectionConfig(options))
  client.on('error', () => {})
  await client.connect()
  await setUp(client, options).catch(async (error) => {
    await client.end()
    throw error
  })
  return client
}

interface Opened {
  pool: pg.Pool
  pipelines: PipelinedConnections
  enters?: Enters
}

/** Plain where nobody watches: then nothing is measured, and nothing asks whether it is to be. */
function openTenantDb(app: FastifyInstance, { pool, pipelines, enters }: Opened): TenantDb {
  const db = new PooledTenantDb(gate(app, pool), pipelines, enters)
  const observers = [app.metrics && timeWork(app.metrics), app.tracing?.observeDatabase]
  const present = observers.filter((observer) => observer !== undefined)
  return present.length === 0 ? db : observedDb(db, present)
}

function gate({ metrics }: FastifyInstance, pool: pg.Pool): GatedPool {
  if (metrics === undefined) return new GatedPool(pool)
  const { waits } = metrics.instruments
  return new ObservedPool(pool, (kind, seconds) => waits.observe({ kind }, seconds))
}

function timeWork({ instruments }: Metrics): DatabaseObserver {
  return (work) => {
    const since = performance.now()
    return (error) => {
      const outcome = error === undefined ? 'done' : 'failed'
      instruments.work.observe({ work, outcome }, (performance.now() - since) / 1000)
    }
  }
}

function openPipelines(options: DbOptions): PipelinedConnections {
  return new PipelinedConnections(() => connectPipeline(options), PIPELINES)
}

/** Connections to a node of Citus. */
function poolAt(app: FastifyInstance, options: DbOptions, node: string): pg.Pool {
  const there = { ...options, url: urlAt(options, node) }
  const pool = new ShrinkingPool({
    ...connectionConfig(there),
    max: options.poolSize ?? 10,
    Client: GuardedClient,
    onConnect: (client: pg.ClientBase) => setUp(client, there),
  } as pg.PoolConfig)
  pool.on('error', (error) => app.log.warn(`an idle connection to ${node} was lost: ${error.message}`))
  return pool
}

function urlAt({ url }: DbOptions, node: string): string {
  const there = new URL(url)
  there.host = node
  return there.href
}

/** Connects to a group of shards on its node. */
function openShard(app: FastifyInstance, options: DbOptions, { node, shard }: Placement): Node {
  const pool = poolAt(app, { ...options, shard }, node)
  const pipelines = openPipelines({ ...options, url: urlAt(options, node), shard })
  const close = async () => void (await Promise.allSettled([pipelines.close(), pool.end()]))
  return { pool, db: openTenantDb(app, { pool, pipelines, enters: entersOfShard(shard) }), close }
}

function decorateNodes(app: FastifyInstance, options: DbOptions): void {
  const { pool } = app.pg
  const pipelines = openPipelines(options)
  const coordinator = {
    pool,
    db: openTenantDb(app, { pool, pipelines, enters: ENTERS_ELSEWHERE }),
    close: () => pipelines.close(),
  }
  const nodes = new Nodes(
    coordinator,
    (placement) => openShard(app, options, placement),
    (node) => poolAt(app, { ...options, poolSize: 1 }, node),
  )
  app.addHook('onClose', () => nodes.close())
  app.decorate('directory', new NodeDirectory(nodes))
  app.decorate('db', new NodeTenantDb(nodes))
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
  app.decorate('connectAlone', () => connectAlone(options))
  if (options.isDistributed) return decorateNodes(app, options)
  const pipelines = openPipelines(options)
  app.addHook('onClose', () => pipelines.close())
  app.decorate('db', openTenantDb(app, { pool: app.pg.pool, pipelines }))
  app.decorate('directory', new TenantDirectory(app.pg.pool))
}

export default fp(db, { name: 'db' })
