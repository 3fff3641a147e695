// Signing in over HTTP: forms and JSON, what is refused, and that every refusal of a wrong guess is the same one.

import argon2 from 'argon2'
import t from 'tap'
import { PASSWORD_COST } from '../../lib/auth/password.ts'
import { ADMIN, addUser, as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'
import { onStatements } from '../support/sent-statements.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

t.test('a user signs in with a form or with JSON, with and without a grant type', async (t) => {
  const { app } = await startWithAdmin(t)
  const bodies = [
    { name: 'curl', headers: FORM, payload: 'username=admin&password=correct-horse' },
    {
      name: 'Swagger UI',
      headers: FORM,
      payload: 'grant_type=password&username=admin&password=correct-horse&scope=&client_id=x&client_secret=y',
    },
    {
      name: 'an empty grant type',
      headers: FORM,
      payload: 'grant_type=&username=admin&password=correct-horse',
    },
    { name: 'JSON', headers: {}, payload: ADMIN },
    { name: 'JSON with more', headers: {}, payload: { ...ADMIN, grant_type: 'password', scope: null } },
    { name: 'the tenant named', headers: {}, payload: { ...ADMIN, username: 'default/admin' } },
  ]
  for (const { name, ...request } of bodies) {
    for (const url of ['/auth/token', '/auth/token/']) {
      const answer = await app.inject({ method: 'POST', url, ...request })
      t.equal(answer.statusCode, 200, name)
      t.match(answer.json(), {
        access_token: /^[\w-]+\.[\w-]+\.[\w-]+$/,
        token_type: 'bearer',
        expires_in: 1800,
        refresh_token: /^\S{40,}$/,
      })
      t.equal(answer.headers['cache-control'], 'no-store')
    }
  }
  const me = await as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)(
    'GET',
    '/auth/me',
  )
  t.match(me.json(), { username: 'admin', role: 'operator', tenant: { name: 'default' } })
  t.strictSame(Object.keys(me.json()), ['id', 'username', 'role', 'tenant'])
})

t.test('whatever is wrong with a sign-in, the answer is the same 401', async (t) => {
  const { app } = await startWithAdmin(t)
  const guesses = [
    ['admin', 'wrong-horse'],
    ['admin', ''],
    ['nobody', 'correct-horse'],
    ['acme/admin', 'correct-horse'],
    ['default/acme/admin', 'correct-horse'],
    ['ADMIN1', 'correct-horse'],
    ['', ''],
    ['/', 'correct-horse'],
    ["admin' or 1=1 --", 'x'],
    ['admin\u0000', 'correct-horse'],
    ['admin', 'correct-horse\u0000'],
    ['\ud800', '\ud800'],
    ['x'.repeat(20_000), 'correct-horse'],
  ] as const
  const seen = new Set<string>()
  for (const [username, password] of guesses) {
    const payload = new URLSearchParams({ username, password }).toString()
    const answer = await app.inject({ method: 'POST', url: '/auth/token', headers: FORM, payload })
    t.equal(answer.statusCode, 401, JSON.stringify(username.slice(0, 20)))
    t.equal(answer.headers['www-authenticate'], 'Bearer')
    const { request_id: _, ...body } = answer.json()
    seen.add(JSON.stringify(body))
  }
  t.equal(seen.size, 1)
})

t.test('whatever is wrong with a sign-in, a password is checked at the same cost', async (t) => {
  const { app } = await startWithAdmin(t, {}, { passwordCost: PASSWORD_COST })
  const { id } = await addUser(app, 'gone', 'user')
  const admin = await asAdmin(app)
  await admin('PATCH', `/auth/users/${id}`, { active: false })
  const boss = { username: 'boss', password: 'a password' }
  await admin('POST', '/tenants', { name: 'closed', admin: boss })
  await admin('PATCH', '/tenants/closed', { active: false })
  const verify = t.capture(argon2, 'verify', argon2.verify)
  for (const username of ['admin', 'nobody', 'none/boss', 'closed/boss', 'gone', '/', ''])
    for (const password of ['wrong password', '']) {
      const payload = { username, password }
      const answer = await app.inject({ method: 'POST', url: '/auth/token', payload })
      t.equal(answer.statusCode, 401)
      const costs = verify().map(({ args }) => /m=\d+,t=\d+,p=\d+/.exec(String(args[0]))?.[0])
      t.strictSame(costs, ['m=7168,t=5,p=1'], JSON.stringify(payload))
    }
})

t.test('a sign-in at a tenant that does not exist sends the same statements', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const boss = { username: 'boss', password: 'a password' }
  for (const name of ['open', 'closed']) await admin('POST', '/tenants', { name, admin: boss })
  await admin('PATCH', '/tenants/closed', { active: false })
  const sent: string[] = []
  onStatements(t, (statements) => sent.push(...statements.map(({ text = '' }) => text)))
  const statementsOf = async (username: string) => {
    sent.length = 0
    const payload = { username, password: 'wrong password' }
    const answer = await app.inject({ method: 'POST', url: '/auth/token', payload })
    t.equal(answer.statusCode, 401)
    return [...sent]
  }
  const known = await statementsOf('open/nobody')
  t.ok(known.some((text) => text.includes('record_failed_sign_in')))
  for (const username of ['none/nobody', 'none/boss', 'closed/boss', 'open/boss', 'nobody'])
    t.strictSame(await statementsOf(username), known, username)
  t.strictSame(
    (await admin('GET', '/tenants')).json().map(({ name }: { name: string }) => name),
    ['closed', 'default', 'open'],
    'no other tenant is seen',
  )
})

t.test('a sign-in that is no sign-in is a 400 that names every fault', async (t) => {
  const { app } = await startWithAdmin(t)
  const cases = [
    { payload: {}, pointers: ['/username', '/password'] },
    { payload: { username: 'admin' }, pointers: ['/password'] },
    { payload: { username: 1, password: ['x'] }, pointers: ['/username', '/password'] },
    { payload: { grant_type: 'refresh_token' }, pointers: ['/refresh_token'] },
    {
      payload: { ...ADMIN, grant_type: 'client_credentials' },
      pointers: ['/grant_type'],
      detail: /password, refresh_token/,
    },
    { payload: { ...ADMIN, grant_type: '__proto__' }, pointers: ['/grant_type'] },
    { payload: [], pointers: [''] },
    { payload: 'null', pointers: [''] },
  ]
  for (const { payload, pointers, detail } of cases) {
    const headers = { 'content-type': 'application/json' }
    const answer = await app.inject({
      method: 'POST',
      url: '/auth/token',
      headers,
      payload: payload as object,
    })
    t.equal(answer.statusCode, 400, JSON.stringify(payload))
    t.match(answer.headers['content-type'], /^application\/problem\+json/)
    t.strictSame(
      answer.json().errors.map((e: { pointer: string }) => e.pointer),
      pointers,
    )
    if (detail !== undefined) t.match(answer.json().detail, detail)
  }
  const form = await app.inject({
    method: 'POST',
    url: '/auth/token',
    headers: FORM,
    payload: 'username=a&username=b',
  })
  t.equal(form.statusCode, 400)
  const none = await app.inject({ method: 'POST', url: '/auth/token' })
  t.equal(none.statusCode, 400)
  const xml = await app.inject({
    method: 'POST',
    url: '/auth/token',
    headers: { 'content-type': 'text/xml' },
    payload: '<a/>',
  })
  t.equal(xml.statusCode, 415)
  const long = await app.inject({
    method: 'POST',
    url: '/auth/token',
    headers: FORM,
    payload: `username=${'x'.repeat(40_000)}`,
  })
  t.equal(long.statusCode, 413)
})

t.test('forms are read by the token routes alone', async (t) => {
  const { app } = await startWithAdmin(t)
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const headers = { ...FORM, authorization: `Bearer ${access_token}` }
  const answer = await app.inject({ method: 'POST', url: '/auth/users', headers, payload: 'username=x' })
  t.equal(answer.statusCode, 415)
})
