// The database: the only place that touches the pool. Statements come in with the tenant's scope and leave in one
// round trip; transactions are entered through the same functions. A stale scope rejects with STALE_EPOCH.
import fastifyPostgres from '@fastify/postgres'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type pg from 'pg'
import type { Queryable, Rows, Scope, Statement, TextRow } from '../lib/postgres/queryable.ts'
import {
  type Entrance,
  PREPARE_ENTRANCES,
  readEntrance,
  ScopedQuery,
  writeEntrance,
} from '../lib/postgres/scoped-query.ts'
import { StatementNames } from '../lib/postgres/statement-names.ts'
import type { TenantRow } from '../lib/tenants/tenant.ts'

export interface DbOptions {
  url: string
  /** The role to work as; null: the URL's own user. */
  role: string | null
  /** Milliseconds a statement may take. */
  statementTimeout: number
  poolSize?: number
}

declare module 'fastify' {
  interface FastifyInstance {
    db: ReturnType<typeof createDb>
  }
}

const PREPARED_STATEMENTS = 300
const TENANT_COLUMNS = 'id, name, active, epoch::float8 as epoch'

function createDb(pool: pg.Pool) {
  const names = new StatementNames(PREPARED_STATEMENTS)

  function run(entrance: Entrance, statement: Statement): Promise<TextRow[]> {
    return new Promise((resolve, reject) => {
      pool.connect((connectError, client, release) => {
        if (connectError || client === undefined) return reject(connectError)
        const query = new ScopedQuery(entrance, statement, names.of(statement.text), (error, result) => {
          release()
          if (error) reject(error)
          else resolve(result.rows)
        })
        client.query(query)
      })
    })
  }

  async function inTransaction<T>(enter: Statement, work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await pool.connect()
    let broken = false
    try {
      client.query('begin').catch(() => {})
      await client.query(enter.text, [...enter.values])
      const result = await work(client)
      await client.query('commit')
      return result
    } catch (error) {
      await client.query('rollback').catch(() => {
        broken = true
      })
      throw error
    } finally {
      client.release(broken)
    }
  }

  async function findTenant(call: string, value: string): Promise<TenantRow | null> {
    const { rows }: Rows<TenantRow> = await pool.query(`select ${TENANT_COLUMNS} from ${call}`, [value])
    return rows[0] ?? null
  }

  return {
    /** Runs one statement that only reads, under the scope. */
    read: (scope: Scope, statement: Statement) => run(readEntrance(scope), statement),
    /** Runs one statement that writes records of the entities, none of which changes its schema meanwhile. */
    write: (scope: Scope, entityIds: readonly number[], statement: Statement) =>
      run(writeEntrance(scope, entityIds), statement),
    /** Runs several statements as one transaction that may write records of the entities. */
    transaction: <T>(scope: Scope, entityIds: readonly number[], work: (tx: Queryable) => Promise<T>) =>
      inTransaction(
        { text: 'select enter_write($1, $2, $3)', values: [scope.id, scope.epoch, entityIds] },
        work,
      ),
    /** Runs a change of the tenant's metadata: one at a time per tenant; its commit makes every older scope stale. */
    change: <T>(scope: Scope, work: (tx: Queryable) => Promise<T>) =>
      inTransaction({ text: 'select enter_change($1, $2)', values: [scope.id, scope.epoch] }, work),
    tenantById: (id: string) => findTenant('tenant_by_id($1)', id),
    tenantByName: (name: string) => findTenant('tenant_by_name($1)', name),
    /** Resolves when the database answers. */
    ping: async () => {
      await pool.query('select 1')
    },
  }
}

async function db(app: FastifyInstance, options: DbOptions): Promise<void> {
  const session = [
    ...(options.role === null ? [] : [`set role ${options.role}`]),
    "set timezone to 'UTC'",
    "set datestyle to 'ISO'",
    `set statement_timeout to ${options.statementTimeout}`,
    PREPARE_ENTRANCES,
  ].join(';')
  await app.register(fastifyPostgres, {
    connectionString: options.url,
    max: options.poolSize ?? 10,
    connectionTimeoutMillis: 5000,
    onConnect: async (client: pg.ClientBase) => {
      await client.query(session)
    },
  })
  app.pg.pool.on('error', (error) => app.log.warn({ err: error }, 'an idle database connection was lost'))
  app.decorate('db', createDb(app.pg.pool))
}

export default fp(db, { name: 'db' })
