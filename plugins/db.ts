// The database: @fastify/postgres' pool, each of its connections under the role that row-level security binds, and
// the one door to it, app.db, through which every statement names its tenant.
import fastifyPostgres from '@fastify/postgres'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import pg from 'pg'
import { Pipelines } from '../lib/postgres/pipelines.ts'
import { PLANNING } from '../lib/postgres/planning.ts'
import { PREPARE_ENTRANCES } from '../lib/postgres/scoped-query.ts'
import { PooledTenantDb } from '../lib/postgres/tenant-db.ts'

export interface DbOptions {
  url: string
  /** The role to work as; null: the URL's own user. */
  role: string | null
  /** The schema of the tables, quoted where need be; the role's own search path may lead elsewhere. */
  schema?: string
  /** Milliseconds a statement may take. */
  statementTimeout: number
  poolSize?: number
}

declare module 'fastify' {
  interface FastifyInstance {
    db: PooledTenantDb
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
    ...PLANNING,
    PREPARE_ENTRANCES,
  ].join(';')
}

/**
 * A connection may break at any moment, in the hands of a request too. The statements on it are told; an error event that
 * nobody listens to would end the process.
 */
function surviveLoss(client: pg.ClientBase): void {
  client.on('error', () => {})
}

async function connectPipeline(url: string, setup: string): Promise<pg.Client> {
  const config = { connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT, pipeline: true }
  const client = new pg.Client(config)
  surviveLoss(client)
  await client.connect()
  await client.query(setup)
  return client
}

async function db(app: FastifyInstance, options: DbOptions): Promise<void> {
  const setup = sessionSetup(options)
  await app.register(fastifyPostgres, {
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT,
    onConnect: async (client: pg.ClientBase) => {
      surviveLoss(client)
      await client.query(setup)
    },
  })
  app.pg.pool.on('error', (error) => {
    // At the end it is the other side that may be quicker.
    if (!app.pg.pool.ending) app.log.warn(`an idle database connection was lost: ${error.message}`)
  })
  const pipelines = new Pipelines(() => connectPipeline(options.url, setup), PIPELINES)
  app.addHook('onClose', () => pipelines.close())
  app.decorate('db', new PooledTenantDb(app.pg.pool, pipelines))
}

export default fp(db, { name: 'db' })
