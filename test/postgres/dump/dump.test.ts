// A dump restores into a new database as it was, whatever the role, and refuses what it would spoil.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import pg from 'pg'
import t, { type Test } from 'tap'
import { dumpDatabase } from '../../../lib/postgres/dump/dump-store.ts'
import { restoreDatabase } from '../../../lib/postgres/dump/restore-store.ts'
import { listTables } from '../../../lib/postgres/dump/tables-store.ts'
import { migrate } from '../../../lib/postgres/migrate.ts'
import { migrationNames } from '../../../lib/postgres/migrations.ts'
import { silentLog } from '../../../lib/process/log.ts'
import { asAdmin, startApp, startWithAdmin } from '../../support/app.ts'
import { createEmptyDatabase } from '../../support/test-database.ts'
import { administer, databaseOf, urlOfDatabase } from '../../support/test-server.ts'

/** Texts that a format of lines trips over. */
const TEXTS = ['\\.', 'a\tb\nc\r\n', '\u2028\u2029', '\\N', '"é😀', '\\\\n', '']

async function connect(t: Test, url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  return client
}

/** Every row of every table as text, and the sequence. */
async function contentOf(t: Test, url: string): Promise<Record<string, string[]>> {
  const client = await connect(t, url)
  const content: Record<string, string[]> = {}
  for (const { name } of await listTables(client)) {
    const { rows } = await client.query(`select r::text as text from ${name} r order by 1`)
    content[name] = rows.map(({ text }) => text)
  }
  const { rows } = await client.query('select last_value from entity_id_seq')
  return { ...content, sequence: [String(rows[0].last_value)] }
}

async function filled(t: Test) {
  const { app, database } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', {
    entity_name: 'note',
    fields: [
      { name: 'text', type: 'text', indexed: true },
      { name: 'of', type: 'relation', entity: 'note' },
    ],
  })
  const first = (await admin('POST', '/note', { text: 'first' })).json()
  await admin(
    'POST',
    '/note',
    TEXTS.map((text) => ({ text, of: first.id })),
  )
  await admin('POST', '/schemas', { entity_name: 'dropped', fields: [] })
  await admin('DELETE', '/schemas/dropped')
  const file = join(t.testdir({}), 'univera.dump')
  return { url: database.url, file }
}

/** A database whose owner row-level security binds. */
async function plainDatabase(t: Test): Promise<string> {
  const role = `plain_${process.pid}`
  let url = ''
  t.teardown(() => administer(url, `drop role ${role}`))
  url = await createEmptyDatabase(t)
  await administer(url, `create role ${role} login password 'plain' in role univera_app`)
  await administer(url, `alter database $ owner to ${role}`)
  const own = new URL(url)
  own.username = role
  own.password = 'plain'
  return own.href
}

t.test('all of a database comes back, in a role that row-level security binds, too', async (t) => {
  const { url, file } = await filled(t)
  const before = await contentOf(t, url)
  await dumpDatabase(url, file)
  t.equal(statSync(file).mode & 0o777, 0o600, 'only its owner reads it')
  const plain = await plainDatabase(t)
  const report = await restoreDatabase(plain, file, silentLog)
  t.equal(report.tables, Object.keys(before).length - 1)
  t.same(await contentOf(t, urlOfDatabase(url, databaseOf(plain))), before)

  const client = await connect(t, plain)
  const { rows } = await client.query(
    `select relname from pg_class where relrowsecurity and not relforcerowsecurity`,
  )
  t.same(rows, [], 'and it is in force again')
  const again = `${file}.2`
  await dumpDatabase(plain, again)
  const second = await createEmptyDatabase(t)
  await restoreDatabase(second, again, silentLog)
  t.same(await contentOf(t, second), before)

  const app = await startApp(t, { url: second, role: 'univera_app', schema: 'public' })
  const admin = await asAdmin(app)
  const notes: { text: string }[] = (await admin('GET', '/note?order=id')).json()
  t.same(
    notes.map(({ text }) => text),
    ['first', ...TEXTS],
  )
  t.equal((await admin('POST', '/schemas', { entity_name: 'new', fields: [] })).statusCode, 201)
})

t.test('a dump of an older version is brought to this one', async (t) => {
  const names = await migrationNames()
  const older = await createEmptyDatabase(t)
  await migrate(older, silentLog, names.slice(0, -1))
  const file = join(t.testdir({}), 'older.dump')
  await dumpDatabase(older, file)
  const newer = await createEmptyDatabase(t)
  await restoreDatabase(newer, file, silentLog)
  const { rows } = await (await connect(t, newer)).query('select name from migration order by name')
  t.same(
    rows.map(({ name }) => name),
    names,
  )
})

t.test('what cannot be done is refused in words, and changes nothing', async (t) => {
  const { url, file } = await filled(t)
  await dumpDatabase(url, file)
  const lines = gunzipSync(readFileSync(file)).toString()
  const variant = (name: string, text: string | Buffer) => {
    const path = `${file}.${name}`
    writeFileSync(path, typeof text === 'string' ? gzipSync(text) : text)
    return path
  }
  const empty = await createEmptyDatabase(t)
  const refused = (message: RegExp) => ({ name: 'StartError', message })
  const spoilt = [
    { path: variant('text', Buffer.from('no dump')), message: /cannot be read|not a dump/ },
    { path: variant('other', '{"a":1}\n'), message: /not a dump of Univera/ },
    { path: variant('half', lines.slice(0, lines.length / 2)), message: /breaks off/ },
    { path: variant('cut', readFileSync(file).subarray(0, -100)), message: /cannot be read|breaks off/ },
    {
      path: variant('newer', lines.replace('001_init', '999_later')),
      message: /^A newer Univera has written the dump \(999_later/,
    },
    { path: `${file}.missing`, message: /cannot be read: ENOENT/ },
  ]
  for (const { path, message } of spoilt)
    await t.rejects(restoreDatabase(empty, path, silentLog), refused(message), path)
  await restoreDatabase(empty, file, silentLog)
  t.same(await contentOf(t, empty), await contentOf(t, url), 'after refusals it can be restored')

  await t.rejects(restoreDatabase(url, file, silentLog), refused(/is in use/))
  await t.rejects(dumpDatabase(url, file), refused(/exists/))
  await t.rejects(dumpDatabase(url, '/no/such/folder/dump'), refused(/cannot be written: ENOENT/))
  await t.rejects(dumpDatabase(await createEmptyDatabase(t), `${file}.3`), refused(/no tables of Univera/))
})
