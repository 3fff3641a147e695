// API keys: what they open and what they never do, and that they end at once, on every instance.

import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { parseApiKey } from '../../lib/auth/api-key-store.ts'
import { addUser, as, asAdmin, startApp, startWithAdmin } from '../support/app.ts'
import { MovableClock } from '../support/clock.ts'
import { until } from '../support/until.ts'

const NOTE = { entity_name: 'note', fields: [{ name: 'title', type: 'string' }] }

async function startTwo(t: Test) {
  const { app, database } = await startWithAdmin(t)
  const operator = await asAdmin(app)
  return { app, database, there: await startApp(t, database), operator }
}

type Send = ReturnType<typeof as>

async function makeKey(send: Send, role: string, more: object = {}) {
  const answer = await send('POST', '/auth/keys', { name: `for ${role}`, role, ...more })
  if (answer.statusCode !== 201) throw new Error(answer.body)
  return answer.json() as { id: string; key: string }
}

t.test('a key is shown once, kept as a hash, and does what its role may', async (t) => {
  const { app, database, there, operator } = await startTwo(t)
  await operator('POST', '/schemas/', NOTE)
  const answer = await operator('POST', '/auth/keys/', { name: 'import', role: 'user' })
  const { id, key, ...rest } = answer.json()
  t.equal(answer.statusCode, 201)
  t.equal(answer.headers.location, `/auth/keys/${id}`)
  t.match(rest, { name: 'import', role: 'user', expires_at: null, last_used_at: null, created_at: /Z$/ })
  for (const url of ['/auth/keys', `/auth/keys/${id}`])
    t.notOk((await operator('GET', url)).body.includes(key))
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query('select k::text as text, token_hash from api_key k')
  t.notOk(rows[0].text.includes(key))
  t.strictSame(rows[0].token_hash, parseApiKey(key)?.hash)
  for (const server of [app, there]) {
    const program = as(server, key)
    t.match((await program('GET', '/auth/me')).json(), { id, username: 'key:import', role: 'user' })
    t.match((await program('POST', '/note/', { title: 'a' })).json(), { title: 'a', created_by: id })
    t.equal((await program('GET', '/auth/users')).statusCode, 403)
    const change = { current_password: 'correct-horse', new_password: 'a new password' }
    t.equal((await program('POST', '/auth/password', change)).statusCode, 403)
  }
})

t.test('a revoked key is refused from the next request on, on every instance', async (t) => {
  const { app, there, operator } = await startTwo(t)
  const { id, key } = await makeKey(operator, 'admin')
  const works = async (server: FastifyInstance) => (await as(server, key)('GET', '/auth/users')).statusCode
  t.strictSame([await works(app), await works(there)], [200, 200])
  t.equal((await as(app, key)('DELETE', `/auth/keys/${id}`)).statusCode, 204)
  t.strictSame([await works(there), await works(app)], [401, 401])
  t.equal((await operator('DELETE', `/auth/keys/${id}`)).json().code, 'key_not_found')
  t.strictSame((await operator('GET', '/auth/keys')).json(), [])
})

t.test('a key expires', async (t) => {
  const clock = new MovableClock()
  const { app } = await startWithAdmin(t, {}, { clock })
  const hour = 3_600_000
  const expires_at = new Date(Date.now() + hour).toISOString()
  const { key } = await makeKey(await asAdmin(app), 'user', { expires_at })
  const send = as(app, key)
  t.equal((await send('GET', '/auth/me')).statusCode, 200)
  clock.move(hour)
  const late = await send('GET', '/auth/me')
  t.match([late.statusCode, late.json().detail], [401, 'The API key has expired.'])
  t.match((await as(app, `${key}x`)('GET', '/auth/me')).json().detail, /valid bearer/, 'to its holder alone')
})

t.test('no key is an operator, whoever makes it', async (t) => {
  const { app, operator } = await startTwo(t)
  const admin = as(app, (await addUser(app, 'alice', 'admin')).tokens.access_token)
  const wanted = { name: 'x', role: 'operator' }
  t.equal((await operator('POST', '/auth/keys', wanted)).statusCode, 400)
  t.equal((await admin('POST', '/auth/keys', wanted)).statusCode, 403)
  const program = as(app, (await makeKey(operator, 'admin')).key)
  t.equal((await program('POST', '/auth/keys', wanted)).statusCode, 403)
  t.equal((await program('GET', '/tenants')).statusCode, 403)
  const [{ id }] = (await program('GET', '/auth/users')).json()
  t.equal((await program('PATCH', `/auth/users/${id}`, { password: 'a new password' })).statusCode, 403)
  const user = { username: 'bob', password: 'a password', role: 'operator' }
  t.equal((await program('POST', '/auth/users', user)).statusCode, 403)
})

t.test('a key may have a role that the tenant has named', async (t) => {
  const { app, operator } = await startTwo(t)
  await operator('POST', '/schemas/', NOTE)
  await operator('PUT', '/auth/roles/reader', {})
  const send = as(app, (await makeKey(operator, 'reader')).key)
  t.equal((await send('GET', '/auth/me')).json().role, 'reader')
  t.equal((await send('POST', '/note', { title: 'a' })).statusCode, 403)
  await operator('PUT', '/schemas/note/permissions/reader', { read: true })
  t.equal((await send('GET', '/note')).statusCode, 200)
})

t.test('a body that describes no key makes none', async (t) => {
  const { operator } = await startTwo(t)
  const bodies = [
    {},
    { name: 'x' },
    { name: '', role: 'user' },
    { name: 'x'.repeat(101), role: 'user' },
    { name: 'a\nb', role: 'user' },
    { name: 'x', role: 'nobody' },
    { name: 'x', role: 'user', expires_at: 'tomorrow' },
    { name: 'x', role: 'user', expires_at: '2020-01-01T00:00:00Z' },
    { name: 'x', role: 'user', tenant: 'other' },
  ]
  for (const body of bodies) {
    const answer = await operator('POST', '/auth/keys', body)
    t.match([answer.statusCode, answer.json().code], [400, 'invalid_body'], JSON.stringify(body))
  }
})

t.test('a key with another secret, tenant or spelling is refused', async (t) => {
  const { app, operator } = await startTwo(t)
  await operator('POST', '/tenants', { name: 'acme', admin: { username: 'a', password: 'a password' } })
  const { key } = await makeKey(operator, 'user')
  const acme = (await operator('GET', '/tenants/acme')).json().id.replaceAll('-', '')
  const bytes = Buffer.from(key.slice(4), 'base64url')
  const altered = (change: (copy: Buffer) => void) => {
    const copy = Buffer.from(bytes)
    change(copy)
    return `uvk_${copy.toString('base64url')}`
  }
  const wrong = [
    altered((copy) => copy.writeUInt8(copy.readUInt8(60) ^ 1, 60)),
    altered((copy) => copy.set(Buffer.from(acme, 'hex'))),
    altered((copy) => copy.writeUInt8(copy.readUInt8(20) ^ 1, 20)),
    `${key}A`,
    `${key}=`,
    key.replace('uvk_', 'uvr_'),
    key.replace('uvk_', 'UVK_'),
  ]
  for (const text of wrong) t.equal((await as(app, text)('GET', '/auth/me')).statusCode, 401, text)
  const renewal = { grant_type: 'refresh_token', refresh_token: key }
  t.equal((await app.inject({ method: 'POST', url: '/auth/token', payload: renewal })).statusCode, 401)
  t.equal((await as(app, key)('GET', '/auth/me')).statusCode, 200)
})

t.test('the keys of a suspended tenant open nothing, and those of a deleted one never again', async (t) => {
  const { app, there, operator } = await startTwo(t)
  const admin = { username: 'a', password: 'a password' }
  await operator('POST', '/tenants', { name: 'acme', admin })
  const token = await app.inject({
    method: 'POST',
    url: '/auth/token',
    payload: { username: 'acme/a', password: 'a password' },
  })
  const { key } = await makeKey(as(app, token.json().access_token), 'admin')
  const works = async () => (await as(there, key)('GET', '/auth/users')).statusCode
  t.equal(await works(), 200)
  await operator('PATCH', '/tenants/acme', { active: false })
  t.equal(await works(), 401)
  await operator('PATCH', '/tenants/acme', { active: true })
  t.equal(await works(), 200)
  await operator('DELETE', '/tenants/acme')
  t.equal(await works(), 401)
  await operator('POST', '/tenants', { name: 'acme', admin })
  t.equal(await works(), 401)
})

t.test('a key outlives the user who has made it, and the log says so', async (t) => {
  const { app, there, operator } = await startTwo(t)
  const { id, tokens } = await addUser(app, 'alice', 'admin')
  const made = await makeKey(as(app, tokens.access_token), 'user')
  const program = as(there, made.key)
  for (const change of ['PATCH', 'DELETE'] as const) {
    const body = change === 'PATCH' ? { active: false } : undefined
    t.ok((await operator(change, `/auth/users/${id}`, body)).statusCode < 300)
    t.equal((await program('GET', '/auth/me')).statusCode, 200, change)
  }
  t.match((await operator('GET', `/auth/keys/${made.id}`)).json(), { created_by: id })
  const [entry] = (await operator('GET', '/audit?action=eq.user.delete')).json()
  t.match(entry, { target: id, details: { username: 'alice', keys_left: 1 } })
  t.equal((await operator('DELETE', `/auth/keys/${made.id}`)).statusCode, 204)
  t.equal((await program('GET', '/auth/me')).statusCode, 401)
})

t.test('the list tells when a key was last used', async (t) => {
  const { app, operator } = await startTwo(t)
  const { id, key } = await makeKey(operator, 'user')
  const lastUse = async () => (await operator('GET', `/auth/keys/${id}`)).json().last_used_at
  t.equal(await lastUse(), null)
  await as(app, key)('GET', '/auth/me')
  const first = await until(lastUse)
  t.match(first, /^20.*Z$/)
  const writes = t.capture(app.db, 'write', app.db.write)
  await as(app, key)('GET', '/auth/me')
  t.same(writes(), [], 'once a minute is enough')
  t.equal(await lastUse(), first)
})
