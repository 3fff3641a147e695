// docs/schema.sql is the schema of a migrated database, all of it, and makes the same schema on an empty one.

import { readFileSync } from 'node:fs'
import pg from 'pg'
import t from 'tap'
import { readPage, rowsOf, sectionOf } from '../../support/docs/markdown.ts'
import { unread } from '../../support/docs/schema-catalog.ts'
import { schemaSql } from '../../support/docs/schema-sql.ts'
import { createEmptyDatabase, createTestDatabase } from '../../support/test-database.ts'

const page = readFileSync('docs/schema.sql', 'utf8')

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return work(client).finally(() => client.end())
}

t.test('it is what the migrations make', async (t) => {
  const { url } = await createTestDatabase(t)
  t.equal(page, await schemaSql(url), 'npm run docs writes it')
  t.strictSame(await withClient(url, unread), [], 'nothing else is in the database')
})

t.test('run on an empty database it makes the same', async (t) => {
  const url = await createEmptyDatabase(t)
  await withClient(url, (client) => client.query(page))
  t.equal(await schemaSql(url), page)
})

const tables = [...page.matchAll(/^create table (\w+)/gm)].map(([, name = '']) => name)

t.test('the page of the architecture has every table', async (t) => {
  const rows = rowsOf(sectionOf(readPage('docs/architecture.md'), '## Storage'))
  const listed = rows.flatMap(([names = '']) => names.split(', ').map((name) => name.slice(1, -1)))
  t.strictSame(listed.sort(), tables.sort())
})

t.test('every table of a tenant has row-level security, forced', async (t) => {
  for (const table of tables.filter((name) => name !== 'migration')) {
    t.ok(page.includes(`alter table ${table} enable row level security;`), table)
    t.ok(page.includes(`alter table ${table} force row level security;`), table)
  }
})
