// (to be described)

import pg from 'pg'
import t, { type Test } from 'tap'
import { appRole } from '../../lib/postgres/app-role.ts'
import { migrate } from '../../lib/postgres/migrate.ts'
import { type Log, silentLog } from '../../lib/process/log.ts'
import { createEmptyDatabase, createTestDatabase } from '../support/test-database.ts'
import { administer, databaseOf, urlOfDatabase } from '../support/test-server.ts'

async function connect(test: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  test.teardown(() => client.end())
  return client
}

function recordingLog(): { log: Log; warnings: string[] } {
  const warnings: string[] = []
  return { log: { ...silentLog, warn: (message) => warnings.push(String(message)) }, warnings }
}

/** Makes a login of the given rights and returns its URL. */
async function createUser(test: Test, admin: pg.Client, url: string, rights: string): Promise<string> {
  const name = `user_${Math.random().toString(36).slice(2)}`
  await admin.query(`create role ${name} login password 'pw' ${rights}`)
  test.teardown(() => admin.query(`drop owned by ${name}; drop role ${name}`))
  const other = new URL(url)
  other.username = name
  other.password = 'pw'
  return other.href
}

t.test('five instances that start at once on an empty database all come up', async (t) => {
  const url = await createEmptyDatabase(t)
  const results = await Promise.all(Array.from({ length: 5 }, () => migrate(url, silentLog)))
  for (const result of results) t.same(result, { role: appRole, schema: 'public' })
  const client = await connect(t, url)
  const { rows } = await client.query('select name from migration order by name')
  t.equal(rows[0].name, '001_init')
  t.equal(new Set(rows.map((row) => row.name)).size, rows.length, 'each migration is recorded once')
})

t.test('databases that share a server set up its role at once without a collision', async (t) => {
  const urls = await Promise.all(Array.from({ length: 4 }, () => createEmptyDatabase(t)))
  const results = await Promise.all(urls.map((url) => migrate(url, silentLog)))
  t.ok(results.every(({ role }) => role === appRole))
})

t.test('the role sees no row of a tenant that is not set, and no migration at all', async (t) => {
  const { url, role } = await createTestDatabase(t)
  const client = await connect(t, url)
  await client.query(`insert into tenant (id, name) values (gen_random_uuid(), 'hidden')`)
  await client.query(`set role ${role}`)
  t.equal((await client.query('select from tenant')).rowCount, 0)
  await t.rejects(client.query('select from migration'), { code: '42501' })
})

t.test('a database that a newer Univera has changed is refused', async (t) => {
  const { url } = await createTestDatabase(t)
  const client = await connect(t, url)
  await client.query(`insert into migration (name, checksum) values ('999_future', '')`)
  await t.rejects(migrate(url, silentLog), { name: 'StartError', message: /newer Univera.*999_future/ })
})

t.test('a migration that was changed after it was applied is told and not applied again', async (t) => {
  const { url } = await createTestDatabase(t)
  const client = await connect(t, url)
  await client.query(`update migration set checksum = 'other' where name = '001_init'`)
  const { log, warnings } = recordingLog()
  await migrate(url, log)
  t.match(warnings, [/001_init has changed/])
})

t.test('a user who may create roles works as the role', async (t) => {
  const url = await createEmptyDatabase(t)
  const admin = await connect(t, url)
  const userUrl = await createUser(t, admin, url, 'createrole')
  await admin.query(`grant all on schema public to ${new URL(userUrl).username}`)
  await admin.query(`grant ${appRole} to ${new URL(userUrl).username} with admin option`)
  t.equal((await migrate(userUrl, silentLog)).role, appRole)
  const client = await connect(t, userUrl)
  await client.query(`set role ${appRole}`)
  t.equal((await client.query('select from record')).rowCount, 0)
})

t.test('a user without a right to the role works as itself, behind the same wall, and is told', async (t) => {
  const url = await createEmptyDatabase(t)
  const admin = await connect(t, url)
  const userUrl = await createUser(t, admin, url, '')
  await admin.query(`grant all on schema public to ${new URL(userUrl).username}`)
  const { log, warnings } = recordingLog()
  t.equal((await migrate(userUrl, log)).role, null)
  t.match(warnings, [/row-level security is in force for it/])
  const client = await connect(t, userUrl)
  await admin.query(`insert into tenant (id, name) values (gen_random_uuid(), 'hidden')`)
  t.equal((await client.query('select from tenant')).rowCount, 0, 'the owner is bound too')
})

t.test('a user who may not create tables is told so', async (t) => {
  const url = await createEmptyDatabase(t)
  const admin = await connect(t, url)
  await admin.query('revoke create on schema public from public')
  const userUrl = await createUser(t, admin, url, '')
  await t.rejects(migrate(userUrl, silentLog), { name: 'StartError', message: /cannot create its tables/ })
})

t.test('a database that cannot store every text, or takes no writes, is refused', async (t) => {
  const url = await createEmptyDatabase(t)
  const admin = await connect(t, url)
  const other = urlOfDatabase(url, `latin_${process.pid}`)
  await admin.query(`create database ${databaseOf(other)} encoding 'LATIN1' locale 'C' template template0`)
  t.teardown(() => administer(other, 'drop database $'))
  await t.rejects(migrate(other, silentLog), { name: 'StartError', message: /encoded in LATIN1.*needs UTF8/ })
  await admin.query(`alter database ${databaseOf(url)} set default_transaction_read_only = on`)
  await t.rejects(migrate(url, silentLog), { name: 'StartError', message: /read-only/ })
})

t.test('tables live in the schema that the user works in', async (t) => {
  const url = await createEmptyDatabase(t)
  const admin = await connect(t, url)
  await admin.query('create schema univera')
  const userUrl = await createUser(t, admin, url, 'createrole')
  const user = new URL(userUrl).username
  await admin.query(`alter role ${user} set search_path = univera`)
  await admin.query(`grant all on schema univera to ${user} with grant option`)
  const { schema } = await migrate(userUrl, silentLog)
  t.equal(schema, 'univera')
})
