// A real PostgreSQL for the tests of this folder: a database of its own, the migrations, records of sample entities,
// and statements run as a role that row-level security binds.
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { typeOf } from '../../lib/fields/index.ts'
import { NULL_KEY } from '../../lib/fields/text-key.ts'
import { silentLog } from '../../lib/log.ts'
import { startEmbedded } from '../../lib/postgres/embedded.ts'
import type { Statement, TextRow } from '../../lib/postgres/queryable.ts'
import type { Entity } from '../../lib/schema/entity.ts'
import { tenantId } from './sample.ts'

const migrations = join(import.meta.dirname, '../../../lib/migrations')

export interface TestDatabase {
  /** Runs a statement of the query engine inside the tenant; rows are arrays of text. */
  run(statement: Statement): Promise<TextRow[]>
  /** Stores records as they are, keys and slots made by their types. */
  store(entity: Entity, rows: readonly StoredRow[]): Promise<void>
  client: pg.Client
  close(): Promise<void>
}

export interface StoredRow {
  id: string
  data: Record<string, unknown>
  created_at?: string
  created_by?: string | null
}

/** An id that sorts by its number. */
export const idOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`

/** Opens a new database on TEST_DATABASE_URL's server, or on an embedded one. */
export async function openDatabase(): Promise<TestDatabase> {
  const server = await findServer()
  const name = `query_${process.pid}_${Date.now()}`
  await administer(server.url, `create database ${name}`)
  const client = new pg.Client({
    connectionString: withDatabase(server.url, name),
    options: '-c timezone=UTC',
  })
  await client.connect()
  await migrate(client)
  return {
    client,
    run: (statement) => run(client, statement),
    store: (entity, rows) => store(client, entity, rows),
    async close() {
      await client.end()
      await administer(server.url, `drop database ${name}`)
      await server.stop()
    },
  }
}

async function findServer(): Promise<{ url: string; stop(): Promise<void> }> {
  const given = process.env.TEST_DATABASE_URL
  if (given !== undefined) return { url: given, stop: async () => {} }
  const dataDir = await mkdtemp(join(tmpdir(), 'univera-query-'))
  const { url, stop } = await startEmbedded({ dataDir, log: silentLog })
  return {
    url,
    async stop() {
      await stop()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

const withDatabase = (url: string, name: string) => url.replace(/\/[^/?]*(\?|$)/, `/${name}$1`)

async function administer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

async function migrate(client: pg.Client): Promise<void> {
  for (const file of (await readdir(migrations)).sort())
    await client.query(await readFile(join(migrations, file), 'utf8'))
  const role = `query_reader_${process.pid}`
  await client.query(`do $$ begin create role ${role}; exception when others then null; end $$;
    grant select on all tables in schema public to ${role}; insert into tenant (id, name) values ('${tenantId}', 'default');
    select set_config('test.role', '${role}', false)`)
}

async function run(client: pg.Client, { text, values }: Statement): Promise<TextRow[]> {
  await client.query(
    `begin; set local role query_reader_${process.pid}; set local app.tenant_id = '${tenantId}'`,
  )
  try {
    const types = { getTypeParser: () => (value: string) => value }
    const result = await client.query({
      text,
      values: [...values],
      rowMode: 'array',
      types,
    } as pg.QueryArrayConfig)
    return result.rows
  } finally {
    await client.query('rollback')
  }
}

async function store(client: pg.Client, entity: Entity, rows: readonly StoredRow[]): Promise<void> {
  const stored = rows.map(({ id, data, created_at, created_by }) => {
    const set = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== null))
    return { id, data: set, created_at, created_by, ...keysOf(entity, set) }
  })
  const columns = Array.from({ length: 12 }, (_, at) => `k${at + 1}`)
  await client.query(
    `insert into record (tenant_id, entity_id, id, data, keys, created_at, updated_at, created_by, ${columns})
     select $1, $2, r.id, r.data, r.keys, coalesce(r.created_at, now()), timestamptz '2026-01-02Z', r.created_by, ${columns.map((c) => `r.${c}`)}
     from jsonb_to_recordset($3::jsonb) as r(id uuid, data jsonb, keys jsonb, created_at timestamptz, created_by uuid,
       ${columns.map((c) => `${c} text`)})`,
    [tenantId, entity.id, JSON.stringify(stored)],
  )
}

function keysOf(entity: Entity, data: Record<string, unknown>) {
  const keys: Record<string, string> = {}
  const slots: Record<string, string> = {}
  for (const field of entity.fields) {
    const value = data[field.key]
    const key = value === undefined ? null : (typeOf(field.type).sortKey?.(value, field) ?? null)
    if (key !== null) keys[field.key] = key
    const slot = entity.slots[field.key]
    if (slot !== undefined) slots[`k${slot.slot}`] = key ?? NULL_KEY
  }
  return { keys, ...slots }
}
