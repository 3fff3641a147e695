// A server that is killed while it removes a tenant: the next one finishes, rows and files.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import t from 'tap'
import { signIn, startServer } from '../support/server-process.ts'
import { createEmptyDatabase } from '../support/test-database.ts'
import { until } from '../support/until.ts'

const PASSWORD = 'correct-horse'

const SECRET_KEY = 'a secret for tests only, 32 bytes and more'

const RECORDS = 60_000

t.test('a tenant whose server was killed while removing it is gone after the next start', async (t) => {
  const DATABASE_URL = await createEmptyDatabase(t)
  const cwd = t.testdir({})
  const env = { DATABASE_URL, SECRET_KEY, ADMIN_PASSWORD: PASSWORD, DATA_DIR: cwd }
  const server = startServer(t, { cwd, env })
  const url = await server.listening
  const { access_token: token } = await signIn(url, PASSWORD)
  const send = (method: string, path: string, bearer = token, body?: object) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${bearer}`, ...(body && { 'content-type': 'application/json' }) },
      body: body ? JSON.stringify(body) : null,
    })
  const admin = { username: 'boss', password: PASSWORD }
  const { id } = (await (await send('POST', '/tenants', token, { name: 'acme', admin })).json()) as {
    id: string
  }
  const form = new URLSearchParams({ username: 'acme/boss', password: PASSWORD })
  const boss = (await (await fetch(`${url}/auth/token`, { method: 'POST', body: form })).json()) as {
    access_token: string
  }
  const file = new FormData()
  file.set('file', new Blob(['bytes']), 'a.txt')
  const headers = { authorization: `Bearer ${boss.access_token}` }
  t.equal((await fetch(`${url}/files/upload`, { method: 'POST', headers, body: file })).status, 201)
  const client = new pg.Client({ connectionString: DATABASE_URL })
  await client.connect()
  t.teardown(() => client.end())
  await client.query(
    `insert into record (tenant_id, entity_id, id, data) select $1, 7, gen_random_uuid(), '{}' from generate_series(1, $2)`,
    [id, RECORDS],
  )
  const count = async () =>
    (await client.query('select count(*)::int as n from record where tenant_id = $1', [id])).rows[0].n
  const deleting = send('DELETE', '/tenants/acme').catch(() => undefined)
  await until(async () => (await count()) <= RECORDS)
  server.child.kill('SIGKILL')
  await server.ended
  await deleting
  t.ok((await count()) > 0, 'it was in the middle')

  const next = startServer(t, { cwd, env })
  await next.listening
  await until(async () => (await client.query('select from tenant where id = $1', [id])).rowCount === 0)
  t.equal(await count(), 0)
  const left = await readdir(join(cwd, 'files'), { recursive: true })
  t.notOk(
    left.some((path) => path.includes(id)),
    left.join(),
  )
})
