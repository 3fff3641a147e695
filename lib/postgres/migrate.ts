// Brings the database's tables to what this code needs: lib/migrations/NNN_name.sql in order, each in a transaction,
// forward only, one Univera at a time. Goes out: the role to work as. Refuses an unfit database, one that a newer Univera
// has changed, and a user who may not create tables.

import pg from 'pg'
import { reasonOf, StartError } from '../errors/start-error.ts'
import type { Log } from '../process/log.ts'
import { ensureAppRole, grantToAppRole } from './app-role.ts'
import { isDistributed, onWorkers, refuseWorker, requireCluster } from './citus/cluster-store.ts'
import { distributeTables } from './citus/distribute-store.ts'
import { type Migration, migrationNames, readMigrations } from './migrations.ts'
import { refuseUnfit } from './requirements.ts'
import { describeDatabase } from './wait.ts'

export interface Migrated {
  /** The role to `set role` to on every connection; null: work as the URL's user. */
  role: string | null
  /** Where the tables are: a role's own search path may lead elsewhere. */
  schema: string
  /** Whether they are distributed over the nodes of Citus; absent: they are not. */
  isDistributed?: true
}

/** Far from the entity ids, which are advisory lock keys too. */
const lockKey = '-8431905520161'

/**
 * Applies what is missing. Any number of processes may call it at once.
 *
 * @param only the names to stop at, as a dump lists them; all of this version's by default
 */
export function migrate(url: string, log: Log, only?: readonly string[]): Promise<Migrated> {
  return alone(url, async (client, database) => {
    const migrated = await bringUp(client, { log, database, only })
    // What the migrations have made since.
    if (!(await isDistributed(client))) return migrated
    await distributeTables(client, database)
    return { ...migrated, isDistributed: true }
  })
}

/**
 * Applies what is missing, and distributes the tables over the nodes of Citus; can be repeated, also after it was broken off.
 *
 * @returns the number of tables that were not distributed before
 */
export function distribute(url: string, log: Log): Promise<number> {
  return alone(url, async (client, database) => {
    await requireCluster(client, database)
    await bringUp(client, { log, database, only: undefined })
    return distributeTables(client, database)
  })
}

/** Runs work as the only one in the database that changes its tables. */
async function alone<T>(url: string, work: (client: pg.Client, database: string) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'univera migrations' })
  client.on('error', () => {})
  await client.connect()
  try {
    const database = describeDatabase(url)
    await refuseUnfit(client, database)
    await refuseWorker(client, database)
    await client.query('select pg_advisory_lock($1)', [lockKey])
    return await work(client, database)
  } finally {
    // Ends the session and with it the lock.
    await client.end()
  }
}

async function bringUp(client: pg.Client, run: Run): Promise<Migrated> {
  await applyMissing(client, run)
  const role = await ensureAppRole(client, run.log)
  if (role !== null) await grantToAppRole(client)
  const { rows } = await client.query(
    'select relnamespace::regnamespace::text as schema from pg_class where oid = $1::regclass',
    ['migration'],
  )
  return { role, schema: rows[0].schema }
}

interface Run {
  log: Log
  database: string
  only: readonly string[] | undefined
}

async function applyMissing(client: pg.Client, { log, database, only }: Run): Promise<void> {
  const migrations = await readMigrations(only)
  const applied = await appliedMigrations(client, database)
  refuseNewerDatabase(migrations, applied, database)
  const isIncomplete = migrations.some(({ name }) => !applied.has(name))
  // Views would keep their tables from being changed.
  if (isIncomplete && (await isDistributed(client))) await onWorkers(client, 'select close_shards()')
  for (const { name, checksum, sql } of migrations) {
    const known = applied.get(name)
    if (known === undefined) {
      await apply(client, { name, checksum, sql })
      log.info(`Applied migration ${name}`)
    } else if (known !== checksum) {
      log.warn(`Migration ${name} has changed since it was applied to ${database}; it is not applied again`)
    }
  }
}

async function appliedMigrations(client: pg.Client, database: string): Promise<Map<string, string>> {
  const { rows: found } = await client.query(`select to_regclass('migration') is not null as present`)
  if (!found[0].present) await createMigrationTable(client, database)
  const { rows } = await client.query<Migration>('select name, checksum from migration')
  return new Map(rows.map(({ name, checksum }) => [name, checksum]))
}

async function createMigrationTable(client: pg.Client, database: string): Promise<void> {
  try {
    await client.query(`
      create table migration (
        name text primary key,
        checksum text not null,
        applied_at timestamptz not null default now()
      )`)
  } catch (error) {
    throw new StartError(`Univera cannot create its tables in ${database}: ${reasonOf(error)}`, {
      cause: error,
    })
  }
}

function refuseNewerDatabase(migrations: Migration[], applied: Map<string, string>, database: string): void {
  const unknown = [...applied.keys()].filter(
    (name) => !migrations.some((migration) => migration.name === name),
  )
  if (unknown.length === 0) return
  throw new StartError(
    `A newer Univera has changed ${database} (${unknown.join(', ')} is unknown here): start that version or a newer one.`,
  )
}

async function apply(client: pg.Client, { name, checksum, sql }: Migration): Promise<void> {
  try {
    await client.query('begin')
    await client.query(sql)
    await client.query('insert into migration (name, checksum) values ($1, $2)', [name, checksum])
    await client.query('commit')
  } catch (error) {
    throw new StartError(`Migration ${name} fails: ${reasonOf(error)}`, { cause: error })
  }
}

/** StartError unless the database has exactly this version's tables: a command leaves the migrations to a server's start. */
export async function requireMigrated(client: pg.Client): Promise<void> {
  const { rows: found } = await client.query(`select to_regclass('migration') is not null as present`)
  const { rows } = found[0].present
    ? await client.query('select name from migration order by name')
    : { rows: [] }
  if (rows.map(({ name }) => name).join() === (await migrationNames()).join()) return
  throw new StartError(
    'The database is of another version of Univera: start a server of this version on it first.',
  )
}
