// Deleting a tenant: nothing of it is left, nothing of another is touched, and a purge that was broken off is finished.

import { readdir } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { as, asAdmin, signIn, startApp } from '../support/app.ts'
import { filesIn, startFiles, upload } from '../support/files/app.ts'

const PASSWORD = 'a password'

const COURSE = { entity_name: 'course', fields: [{ name: 'title', type: 'string', indexed: true }] }

const STUDENT = {
  entity_name: 'student',
  fields: [
    { name: 'course', type: 'relation', entity: 'course' },
    { name: 'photo', type: 'file' },
  ],
}

/** A tenant with a bit of everything; its admin. */
async function furnish(app: FastifyInstance, name: string) {
  const operator = await asAdmin(app)
  const made = await operator('POST', '/tenants', { name, admin: { username: 'boss', password: PASSWORD } })
  if (made.statusCode !== 201) throw new Error(made.body)
  const tokens = await signIn(app, `${name}/boss`, PASSWORD)
  const boss = as(app, tokens.access_token)
  for (const entity of [COURSE, STUDENT]) await boss('POST', '/schemas/', entity)
  const { id: photo } = await upload(app, tokens.access_token, { content: `photo of ${name}` })
  const course = (await boss('POST', '/course/', { title: 'math' })).json().id
  const added = await boss(
    'POST',
    '/student/',
    Array.from({ length: 20 }, () => ({ course, photo })),
  )
  if (added.statusCode !== 201) throw new Error(added.body)
  return { id: made.json().id as string, boss, tokens, photo }
}

async function startSql(t: Test, url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query(
    `select table_name as name from information_schema.columns where column_name = 'tenant_id' and table_schema = 'public'`,
  )
  /** How many rows of the tenant there are in each table. */
  async function rowsOf(id: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (const { name } of rows) {
      const answer = await client.query(`select count(*)::int as n from ${name} where tenant_id = $1`, [id])
      if (answer.rows[0].n > 0) counts[name] = answer.rows[0].n
    }
    const { rowCount } = await client.query('select from tenant where id = $1', [id])
    return rowCount === 0 ? counts : { ...counts, tenant: 1 }
  }
  return { client, rowsOf }
}

t.test('a deleted tenant leaves nothing, and the next of its name begins with nothing', async (t) => {
  const { app, database, storage } = await startFiles(t)
  const there = await startApp(t, database, { FILE_STORAGE_PATH: storage })
  const operator = await asAdmin(app)
  const { rowsOf } = await startSql(t, database.url)
  const acme = await furnish(app, 'acme')
  const other = await furnish(there, 'other')
  const before = await rowsOf(other.id)
  t.match(await rowsOf(acme.id), { account: 1, entity: 2, record: 22, link: 40, tenant: 1 })
  const answer = await operator('DELETE', '/tenants/acme')
  t.strictSame([answer.statusCode, answer.body], [204, ''])
  t.strictSame(await rowsOf(acme.id), {})
  t.strictSame((await readdir(storage)).sort(), ['.pending', other.id].sort())
  t.equal((await filesIn(storage)).length, 1)
  t.strictSame(await rowsOf(other.id), before)
  t.equal((await other.boss('GET', `/files/${other.photo}`)).statusCode, 200)
  t.equal((await operator('GET', '/tenants/acme')).statusCode, 404)
  t.equal((await operator('DELETE', '/tenants/acme')).statusCode, 404)
  const again = await furnish(there, 'acme')
  t.not(again.id, acme.id)
  const old = as(there, acme.tokens.access_token)
  for (const url of ['/auth/me', '/course', `/files/${acme.photo}`])
    t.equal((await old('GET', url)).statusCode, 401)
  const renewal = { grant_type: 'refresh_token', refresh_token: acme.tokens.refresh_token }
  t.equal((await app.inject({ method: 'POST', url: '/auth/token', payload: renewal })).statusCode, 401)
  t.equal((await again.boss('GET', `/files/${acme.photo}`)).statusCode, 404)
  t.equal((await again.boss('GET', '/course')).json().length, 1)
})

t.test('a server that starts finishes what another did not', async (t) => {
  const { app, database, storage } = await startFiles(t)
  const { id } = await furnish(app, 'acme')
  const { client, rowsOf } = await startSql(t, database.url)
  await app.close()
  // Killed after the first batches.
  await client.query(
    'update tenant set active = false, deleted_at = now(), epoch = epoch + 1 where id = $1',
    [id],
  )
  await client.query('delete from link where tenant_id = $1 and field = $2', [id, 'photo'])
  const next = await startApp(t, database, { FILE_STORAGE_PATH: storage })
  await next.tenantPurge.run()
  t.strictSame(await rowsOf(id), {})
  t.strictSame(await readdir(storage), ['.pending'])
})

t.test('what was being written while the tenant was deleted goes too', async (t) => {
  const { app, database } = await startFiles(t)
  const operator = await asAdmin(app)
  const { id } = await furnish(app, 'acme')
  const { client, rowsOf } = await startSql(t, database.url)
  await client.query('begin')
  await client.query(
    'insert into record (tenant_id, entity_id, id, data) values ($1, 0, gen_random_uuid(), $2)',
    [id, '{}'],
  )
  const deleting = operator('DELETE', '/tenants/acme')
  while (((await operator('GET', '/tenants')).json() as unknown[]).length > 1);
  await client.query('commit')
  t.equal((await deleting).statusCode, 204)
  await app.tenantPurge.run()
  t.strictSame(await rowsOf(id), {})
})
