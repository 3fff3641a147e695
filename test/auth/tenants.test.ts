// Several tenants: the same user names side by side, nothing seen or touched across, and an end of all with the tenant.
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import t from 'tap'
import { v7 as uuid } from 'uuid'
import { insertAccount } from '../../lib/auth/account-store.ts'
import { ADMIN, as, signIn, startApp, startWithAdmin } from '../support/app.ts'

async function addTenant(app: FastifyInstance, name: string): Promise<string> {
  const id = uuid()
  const passwordHash = await app.passwords.hash(`password of ${name}`, name)
  await app.directory.create(id, name, (tx) =>
    insertAccount(tx, id, { id: uuid(), username: 'admin', role: 'admin', passwordHash }),
  )
  return id
}

t.test('a tenant has its own users, and its admin sees and touches no others', async (t) => {
  const { app } = await startWithAdmin(t)
  const id = await addTenant(app, 'acme')
  const operator = as(app, (await signIn(app, 'admin', ADMIN.password)).access_token)
  const acme = as(app, (await signIn(app, 'acme/admin', 'password of acme')).access_token)
  await t.rejects(signIn(app, 'admin', 'password of acme'))
  await t.rejects(signIn(app, 'acme/admin', ADMIN.password))
  t.match((await acme('GET', '/auth/me')).json(), { role: 'admin', tenant: { id, name: 'acme' } })
  const [root] = (await operator('GET', '/auth/users')).json()
  t.equal((await acme('GET', '/auth/users')).json().length, 1)
  t.equal((await acme('GET', `/auth/users/${root.id}`)).statusCode, 404)
  t.equal((await acme('PATCH', `/auth/users/${root.id}`, { active: false })).statusCode, 404)
  t.equal((await acme('DELETE', `/auth/users/${root.id}`)).statusCode, 404)
  const user = { username: 'alice', password: 'a password', role: 'user' }
  t.equal((await acme('POST', '/auth/users', user)).statusCode, 201)
  t.equal((await operator('POST', '/auth/users', user)).statusCode, 201)
  t.equal((await acme('POST', '/auth/users', { ...user, username: 'bob', role: 'operator' })).statusCode, 403)
})

t.test('the last admin of any tenant remains', async (t) => {
  const { app } = await startWithAdmin(t)
  await addTenant(app, 'acme')
  const acme = as(app, (await signIn(app, 'acme/admin', 'password of acme')).access_token)
  const [{ id }] = (await acme('GET', '/auth/users')).json()
  for (const changes of [{ role: 'user' }, { active: false }])
    t.match((await acme('PATCH', `/auth/users/${id}`, changes)).json(), { status: 409, code: 'last_admin' })
  t.match((await acme('DELETE', `/auth/users/${id}`)).json(), { status: 409, code: 'last_admin' })
  await acme('POST', '/auth/users', { username: 'other', password: 'a password', role: 'admin' })
  t.equal((await acme('DELETE', `/auth/users/${id}`)).statusCode, 204)
  t.equal((await acme('GET', '/auth/users')).statusCode, 401)
})

t.test(
  'a suspended or deleted tenant signs nobody in and its tokens end at once, on every instance',
  async (t) => {
    const { app, database } = await startWithAdmin(t)
    const there = await startApp(t, database)
    const id = await addTenant(app, 'acme')
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    t.teardown(() => client.end())
    const enter = async () => signIn(there, 'acme/admin', 'password of acme')
    const works = async (token: string) => (await as(there, token)('GET', '/auth/users')).statusCode === 200
    const { access_token, refresh_token } = await enter()
    t.ok(await works(access_token))
    await client.query('update tenant set active = false, epoch = epoch + 1 where id = $1', [id])
    t.notOk(await works(access_token))
    await t.rejects(enter())
    const renewal = { grant_type: 'refresh_token', refresh_token }
    const refresh = () => there.inject({ method: 'POST', url: '/auth/token', payload: renewal })
    t.equal((await refresh()).statusCode, 401)
    await client.query('update tenant set active = true, epoch = epoch + 1 where id = $1', [id])
    t.ok(await works(access_token))
    t.ok(await works((await enter()).access_token))
    await client.query('delete from tenant where id = $1', [id])
    t.notOk(await works(access_token))
    await t.rejects(enter())
    t.equal((await refresh()).statusCode, 401)
    await addTenant(app, 'acme')
    t.notOk(await works(access_token), 'not with the next tenant of that name either')
  },
)
