// The database: @fastify/postgres' pool, each of its connections under the role that row-level security binds. Statements
// go through app.db, inside a tenant each; what belongs to no tenant is in app.directory.

import fastifyPostgres from '@fastify/postgres'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import pg from 'pg'
import { GatedPool } from '../lib/db/connections/gated-pool.ts'
import { GuardedClient } from '../lib/db/connections/guarded-client.ts'
import { ObservedPool } from '../lib/db/connections/observed-pool.ts'
import { PipelinedConnections } from '../lib/db/connections/pipelined-connections.ts'
import { ShrinkingPool } from '../lib/db/connections/shrinking-pool.ts'
import { type DatabaseObserver, observedDb } from '../lib/db/database-observer.ts'
import { ENTERS_ELSEWHERE, type Enters, entersOfShard } from '../lib/db/enter.ts'
import { NodeDirectory } from '../lib/db/nodes/node-directory.ts'
import { NodeTenantDb } from '../lib/db/nodes/node-tenant-db.ts'
import { type Node, Nodes } from '../lib/db/nodes/nodes.ts'
import type { Placement } from '../lib/db/nodes/placement-map.ts'
import {
  type ConnectionOptions,
  connectAlone,
  connectionConfig,
  connectPipeline,
  setUp,
} from '../lib/db/session.ts'
import type { TenantDb } from '../lib/db/statement.ts'
import { PooledTenantDb } from '../lib/db/tenant-db.ts'
import { TenantDirectory } from '../lib/db/tenant-directory.ts'
import type { Metrics } from '../lib/metrics/metrics.ts'

export interface DbOptions extends ConnectionOptions {
  poolSize?: number
}

declare module 'fastify' {
  interface FastifyInstance {
    db: TenantDb
    directory: TenantDirectory
    /** A connection beside those of the pool, for what belongs to a session; the caller ends it. */
    connectAlone: () => Promise<pg.Client>
  }
}

/** Measured on two cores: one is slower under load, more gain nothing. */
const PIPELINES = 2

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
