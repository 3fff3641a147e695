// PostgreSQL allows fewer connections than a server would like to have.

import pg from 'pg'
import t, { type Test } from 'tap'
import { ensureFirstAdmin } from '../../../lib/auth/account-recovery-store.ts'
import { migrate } from '../../../lib/postgres/migrate.ts'
import { silentLog } from '../../../lib/process/log.ts'
import { ADMIN, signIn, startApp } from '../../support/app.ts'
import { createEmptyDatabase } from '../../support/test-database.ts'
import { until } from '../../support/until.ts'

/** A server whose user may have so many connections, and a way to change that. */
async function startLimited(test: Test, limit: number) {
  const url = await createEmptyDatabase(test)
  const admin = new pg.Client({ connectionString: url })
  await admin.connect()
  test.teardown(() => admin.end())
  const name = `limited_${process.pid}`
  await admin.query(`create role ${name} login password 'pw'; grant all on schema public to ${name}`)
  test.teardown(() => admin.query(`drop owned by ${name}; drop role ${name}`))
  const limited = new URL(url)
  limited.username = name
  limited.password = 'pw'
  const migrated = await migrate(limited.href, silentLog)
  const backends = 'select from pg_stat_activity where usename = $1'
  await until(async () => (await admin.query(backends, [name])).rowCount === 0, 'the migration is gone')
  const setLimit = (most: number) => admin.query(`alter role ${name} connection limit ${most}`)
  await setLimit(limit)
  const app = await startApp(test, { url: limited.href, ...migrated })
  await ensureFirstAdmin(app, ADMIN)
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const headers = { authorization: `Bearer ${access_token}` }
  const send = (method: 'GET' | 'POST', path: string, payload?: object) =>
    app.inject({ method, url: path, headers, ...(payload ? { payload } : {}) })
  return { send, setLimit, terminate: () => terminate(admin, name) }
}

async function terminate(admin: pg.Client, name: string): Promise<void> {
  await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [name])
}

t.test('with three connections everybody is served, and nobody with none', async (t) => {
  const { send, setLimit, terminate } = await startLimited(t, 3)
  const definition = { entity_name: 'note', fields: [{ name: 'text', type: 'string' }] }
  t.equal((await send('POST', '/schemas/', definition)).statusCode, 201)
  const answers = await Promise.all(
    Array.from({ length: 120 }, (_, i) =>
      i % 3 === 0
        ? send('POST', '/note/', { text: String(i) })
        : send('GET', i % 3 === 1 ? '/note/' : '/auth/users'),
    ),
  )
  t.same(
    answers.filter(({ statusCode }) => statusCode >= 300).map(({ body }) => body),
    [],
  )
  await setLimit(0)
  await terminate()
  t.equal((await send('GET', '/note/')).statusCode, 503)
  await setLimit(-1)
  // A connection that was ended, and is not yet known to be, is met by whoever is given it next.
  await until(async () => (await send('GET', '/note/')).statusCode === 200)
  t.equal((await send('GET', '/note/?limit=1000')).json().length, 40, 'each was stored once')
})
