// The users of a tenant: who may make, change and remove them, and that someone who can do so always remains.
import t from 'tap'
import { ADMIN, addUser, as, signIn, startWithAdmin } from '../support/app.ts'

const NEW = { username: 'alice', password: 'password of alice', role: 'user' }

t.test('an admin adds, reads, lists, changes and removes a user', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const added = await send('POST', '/auth/users', NEW)
  t.equal(added.statusCode, 201)
  const alice = added.json()
  t.match(alice, { username: 'alice', role: 'user', active: true, created_at: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/ })
  t.strictSame(Object.keys(alice), ['id', 'username', 'role', 'active', 'created_at'])
  t.equal(added.headers.location, `/auth/users/${alice.id}`)
  t.strictSame((await send('GET', `/auth/users/${alice.id}`)).json(), alice)
  const listed = await send('GET', '/auth/users/')
  t.strictSame(
    listed.json().map((user: { username: string }) => user.username),
    ['admin', 'alice'],
  )
  t.equal(listed.headers['content-range'], '0-1/*')
  const changed = await send('PATCH', `/auth/users/${alice.id}`, { role: 'admin' })
  t.strictSame([changed.statusCode, changed.json()], [200, { ...alice, role: 'admin' }])
  t.strictSame((await send('PATCH', `/auth/users/${alice.id}`, {})).json(), { ...alice, role: 'admin' })
  const removed = await send('DELETE', `/auth/users/${alice.id}`)
  t.strictSame([removed.statusCode, removed.body], [204, ''])
  t.equal((await send('GET', `/auth/users/${alice.id}`)).statusCode, 404)
  t.equal((await send('POST', '/auth/users', NEW)).statusCode, 201, 'the name is free again')
})

t.test('the list of users comes in pages', async (t) => {
  const { app } = await startWithAdmin(t, { MAX_LIMIT: 3 })
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  for (const username of ['a', 'b', 'c', 'd']) await send('POST', '/auth/users', { ...NEW, username })
  const pages = [
    { query: '', names: ['admin', 'a', 'b'], range: '0-2/*' },
    { query: '?limit=2', names: ['admin', 'a'], range: '0-1/*' },
    { query: '?limit=2&offset=3', names: ['c', 'd'], range: '3-4/*' },
    { query: '?limit=1000', names: ['admin', 'a', 'b'], range: '0-2/*' },
    { query: '?limit=0', names: [], range: '*/*' },
    { query: '?offset=99999999999999999999', names: [], range: '*/*' },
  ]
  for (const { query, names, range } of pages) {
    const answer = await send('GET', `/auth/users${query}`)
    t.equal(answer.statusCode, 200, query)
    t.strictSame(
      answer.json().map((user: { username: string }) => user.username),
      names,
    )
    t.equal(answer.headers['content-range'], range)
  }
  for (const query of ['?limit=-1', '?limit=1.5', '?limit=x', '?offset=', '?limit=1&limit=2'])
    t.equal((await send('GET', `/auth/users${query}`)).statusCode, 400, query)
})

t.test('what is wrong with a new user is told all at once', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const cases = [
    { body: {}, pointers: ['/password', '/role', '/username'] },
    {
      body: { username: 'a/b', password: 'short', role: 'king' },
      pointers: ['/password', '/role', '/username'],
    },
    { body: { ...NEW, id: 'x', active: true }, pointers: ['/active', '/id'] },
    { body: { ...NEW, username: ' alice' }, pointers: ['/username'] },
    { body: { ...NEW, username: 'al\u0000ice' }, pointers: ['/username'] },
    { body: { ...NEW, username: 'al\u200bice' }, pointers: ['/username'] },
    { body: { ...NEW, username: '' }, pointers: ['/username'] },
    { body: { ...NEW, username: 'x'.repeat(256) }, pointers: ['/username'] },
    { body: { ...NEW, password: 'x'.repeat(1025) }, pointers: ['/password'] },
  ]
  for (const { body, pointers } of cases) {
    const answer = await send('POST', '/auth/users', body)
    t.equal(answer.statusCode, 400, answer.body)
    const named = new Set(answer.json().errors?.map((error: { pointer: string }) => error.pointer))
    t.strictSame([...named].sort(), pointers)
  }
  t.equal((await send('POST', '/auth/users', { ...NEW, username: 'x'.repeat(255) })).statusCode, 201)
  t.equal((await send('POST', '/auth/users', { ...NEW, password: '🔑'.repeat(1024) })).statusCode, 201)
  t.ok(await signIn(app, 'alice', '🔑'.repeat(1024)))
})

t.test('a user name is taken once, however its letters are typed', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  t.equal((await send('POST', '/auth/users', { ...NEW, username: 'Zoe\u0308' })).json().username, 'Zo\u00eb')
  const again = await send('POST', '/auth/users', { ...NEW, username: 'Zo\u00eb' })
  t.match([again.statusCode, again.json().code], [409, 'username_taken'])
  t.ok(await signIn(app, 'Zoe\u0308', NEW.password))
  t.equal((await send('POST', '/auth/users', { ...NEW, username: 'zo\u00eb' })).statusCode, 409)
  t.equal((await send('POST', '/auth/users', { ...NEW, username: 'zoe' })).statusCode, 201)
})

t.test('only admins manage users, and 401 and 403 come before the body is looked at', async (t) => {
  const { app } = await startWithAdmin(t)
  const { id, tokens } = await addUser(app, 'alice', 'user')
  const requests = [
    ['POST', '/auth/users', '{"broken'],
    ['GET', '/auth/users?limit=x', undefined],
    ['GET', `/auth/users/${id}`, undefined],
    ['PATCH', `/auth/users/${id}`, { nonsense: 1 }],
    ['DELETE', '/auth/users/nobody', undefined],
  ] as const
  for (const [method, url, payload] of requests) {
    const anonymous = await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) })
    t.match([anonymous.statusCode, anonymous.json().code], [401, 'unauthenticated'], `${method} ${url}`)
    t.equal(anonymous.headers['www-authenticate'], 'Bearer')
    const user = await as(app, tokens.access_token)(method, url, payload)
    t.match([user.statusCode, user.json().code], [403, 'forbidden'], `${method} ${url}`)
  }
})

t.test('a user that does not exist is a 404, whatever his id looks like', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  for (const id of [
    '0198f7c4-4c3d-7a2e-8b1f-6d5e4c3b2a19',
    'x',
    '1',
    "'",
    '%00',
    'constructor',
    'x'.repeat(180),
  ]) {
    t.equal((await send('GET', `/auth/users/${id}`)).json().code, 'user_not_found', id)
    t.equal((await send('PATCH', `/auth/users/${id}`, { active: false })).json().code, 'user_not_found', id)
    t.equal((await send('DELETE', `/auth/users/${id}`)).json().code, 'user_not_found', id)
  }
})

t.test('only an operator grants operator or touches an operator', async (t) => {
  const { app } = await startWithAdmin(t)
  const operator = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const [{ id: first }] = (await operator('GET', '/auth/users')).json()
  const { id, tokens } = await addUser(app, 'alice', 'admin')
  const admin = as(app, tokens.access_token)
  t.equal((await admin('POST', '/auth/users', { ...NEW, username: 'bob', role: 'operator' })).statusCode, 403)
  t.equal((await admin('PATCH', `/auth/users/${id}`, { role: 'operator' })).statusCode, 403)
  t.equal((await admin('PATCH', `/auth/users/${first}`, { password: 'a new password' })).statusCode, 403)
  t.equal((await admin('PATCH', `/auth/users/${first}`, { active: false })).statusCode, 403)
  t.equal((await admin('PATCH', `/auth/users/${first}`, {})).statusCode, 403)
  t.equal((await admin('DELETE', `/auth/users/${first}`)).statusCode, 403)
  t.equal((await admin('GET', `/auth/users/${first}`)).statusCode, 200)
  t.equal((await operator('PATCH', `/auth/users/${id}`, { role: 'operator' })).statusCode, 200)
  t.equal((await admin('PATCH', `/auth/users/${first}`, { active: false })).statusCode, 200, 'he is one now')
})

t.test('the last active admin can be neither removed nor demoted nor disabled', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const [{ id }] = (await send('GET', '/auth/users')).json()
  const refuse = async (why: string) => {
    const answers = [
      await send('PATCH', `/auth/users/${id}`, { role: 'user' }),
      await send('PATCH', `/auth/users/${id}`, { active: false }),
      await send('DELETE', `/auth/users/${id}`),
    ]
    for (const answer of answers) t.match([answer.statusCode, answer.json().code], [409, 'last_admin'], why)
  }
  await refuse('he is alone')
  const { id: other } = await addUser(app, 'alice', 'operator')
  await send('PATCH', `/auth/users/${other}`, { active: false })
  await refuse('the other one is disabled')
  await send('PATCH', `/auth/users/${other}`, { active: true, role: 'admin' })
  await refuse('the other one is no operator')
  await send('PATCH', `/auth/users/${other}`, { role: 'operator' })
  t.equal((await send('PATCH', `/auth/users/${id}`, { role: 'user' })).statusCode, 200)
  t.equal((await send('GET', '/auth/users')).statusCode, 403)
})

t.test('of two admins who demote each other at once, one remains', async (t) => {
  const { app } = await startWithAdmin(t)
  const first = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const [{ id }] = (await first('GET', '/auth/users')).json()
  for (let round = 0; round < 5; round++) {
    const { id: otherId, tokens } = await addUser(app, `operator ${round}`, 'operator')
    const other = as(app, tokens.access_token)
    const answers = await Promise.all([
      first('PATCH', `/auth/users/${otherId}`, { role: 'user' }),
      other('PATCH', `/auth/users/${id}`, { role: 'user' }),
    ])
    const won = answers.findIndex((answer) => answer.statusCode === 200)
    t.strictSame(answers.map((answer) => answer.statusCode).sort(), [200, 403])
    if (won === 1) await other('PATCH', `/auth/users/${id}`, { role: 'operator' })
  }
})

t.test('20 users added at once are all there', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const names = Array.from({ length: 20 }, (_, n) => `user ${n}`)
  const answers = await Promise.all(
    names.map((username) => send('POST', '/auth/users', { ...NEW, username })),
  )
  t.strictSame(new Set(answers.map((answer) => answer.statusCode)), new Set([201]))
  const same = await Promise.all(names.map(() => send('POST', '/auth/users', { ...NEW, username: 'same' })))
  t.strictSame(same.map((answer) => answer.statusCode).sort(), [201, ...Array(19).fill(409)])
})
