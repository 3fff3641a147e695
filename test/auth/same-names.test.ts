// User names in another case: the same name for new accounts and for signing in, and a pair of old ones stays apart.

import pg from 'pg'
import t from 'tap'
import { keyUserNames, listSameNames, ON_SAME_NAMES } from '../../lib/auth/same-names-store.ts'
import { ADMIN, addUser, as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'

t.test('a name in another case is taken, and signs in', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const { id, password } = await addUser(app, 'Zo\u00eb', 'user')
  const add = (username: string) => admin('POST', '/auth/users', { username, password, role: 'user' })
  for (const name of ['ADMIN', 'Admin', 'zo\u00eb', 'ZOE\u0308'])
    t.match((await add(name)).json(), { status: 409, code: 'username_taken' }, name)
  t.equal((await add('zoe')).statusCode, 201, 'an accent is no case')
  for (const name of ['zo\u00eb', 'ZO\u00cb', 'default/Zo\u00eb']) {
    const me = await as(app, (await signIn(app, name, password)).access_token)('GET', '/auth/me')
    t.match(me.json(), { id, username: 'Zo\u00eb' }, name)
  }
  // Whatever the database's locale makes of them.
  t.equal((await add('Gr\u00f6\u00dfe')).statusCode, 201)
  for (const name of ['GR\u00d6SSE', 'GR\u00d6\u1e9eE', 'gro\u0308sse'])
    t.match((await add(name)).json(), { status: 409, code: 'username_taken' }, name)
  t.ok(await signIn(app, 'GR\u00d6SSE', password))
  const boss = { username: 'Admin', password: 'a password' }
  t.equal(
    (await admin('POST', '/tenants', { name: 'acme', admin: boss })).statusCode,
    201,
    'of another tenant',
  )
  t.ok(await signIn(app, 'acme/ADMIN', boss.password))
  await Promise.all(['dup', 'DUP', 'Dup'].map(add))
  const users = (await admin('GET', '/auth/users')).json().map((user: { username: string }) => user.username)
  t.equal(users.filter((name: string) => name.toLowerCase() === 'dup').length, 1, 'made at once')
})

t.test('names of an older version that differ in case stay, sign in exactly, and are listed', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const { id, password } = await addUser(app, 'old', 'user')
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  t.strictSame(await listSameNames(app.directory), [])
  await client.query(
    `insert into account (tenant_id, id, username, password_hash, role)
     select tenant_id, gen_random_uuid(), 'OLD', password_hash, role from account where id = $1`,
    [id],
  )
  t.ok(await signIn(app, 'OLD', password), 'before it has a key')
  await keyUserNames(app.directory)
  t.strictSame(await listSameNames(app.directory), [{ tenant: 'default', usernames: ['OLD', 'old'] }])
  for (const username of ['old', 'OLD']) {
    const me = await as(app, (await signIn(app, username, password)).access_token)('GET', '/auth/me')
    t.equal(me.json().username, username)
  }
  await t.rejects(signIn(app, 'Old', password), /invalid_credentials/, 'which of them?')
  const [, path = ''] = /\(DELETE (\S+)\)/.exec(ON_SAME_NAMES) ?? []
  const admin = await asAdmin(app)
  t.equal((await admin('DELETE', path.replace('{id}', id))).statusCode, 204, 'the advice can be followed')
  t.strictSame(await listSameNames(app.directory), [])
  t.ok(await signIn(app, 'Old', password))
})

t.test('another case gives no more guesses', async (t) => {
  const { app } = await startWithAdmin(t)
  const guess = async (username: string) =>
    (await app.inject({ method: 'POST', url: '/auth/token', payload: { username, password: 'wrong' } }))
      .statusCode
  for (let n = 0; n < 10; n++) t.equal(await guess(n % 2 ? 'admin' : 'ADMIN'), 401)
  t.equal(await guess('aDmin'), 429)
  await t.rejects(signIn(app, 'Admin', ADMIN.password))
})
