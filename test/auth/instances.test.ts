// Two servers on one database: whatever changes about an account on one is in force on the other in the next request.

import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { ADMIN, addUser, as, signIn, startApp, startWithAdmin } from '../support/app.ts'

async function startTwo(test: Test) {
  const { app: here, database } = await startWithAdmin(test)
  const there = await startApp(test, database)
  const admin = as(here, (await signIn(here, ADMIN.username, ADMIN.password)).access_token)
  return { here, there, admin }
}

/** What the other server answers: to a request that any user may make, and to one for admins. */
async function answers(app: FastifyInstance, token: string): Promise<number[]> {
  const send = as(app, token)
  const requests = [await send('GET', '/auth/me'), await send('GET', '/auth/users')]
  return requests.map((answer) => answer.statusCode)
}

t.test('a changed account is changed for the next request on every instance', async (t) => {
  const { here, there, admin } = await startTwo(t)
  const scenarios = [
    { name: 'promoted', role: 'user', changes: { role: 'admin' }, before: [200, 403], after: [200, 200] },
    { name: 'demoted', role: 'admin', changes: { role: 'user' }, before: [200, 200], after: [200, 403] },
    { name: 'disabled', role: 'admin', changes: { active: false }, before: [200, 200], after: [401, 401] },
    {
      name: 'new password',
      role: 'user',
      changes: { password: 'something new' },
      before: [200, 403],
      after: [401, 401],
    },
    { name: 'removed', role: 'user', changes: null, before: [200, 403], after: [401, 401] },
  ]
  for (const { name, role, changes, before, after } of scenarios) {
    const { id, tokens } = await addUser(here, name, role)
    t.strictSame(await answers(there, tokens.access_token), before, `${name}: before`)
    const changed = await (changes === null
      ? admin('DELETE', `/auth/users/${id}`)
      : admin('PATCH', `/auth/users/${id}`, changes))
    t.ok(changed.statusCode < 300, changed.body)
    t.strictSame(await answers(there, tokens.access_token), after, `${name}: after`)
  }
})

t.test('a user who was disabled and is active again signs in anew', async (t) => {
  const { here, there, admin } = await startTwo(t)
  const { id, password, tokens } = await addUser(here, 'alice', 'user')
  await admin('PATCH', `/auth/users/${id}`, { active: false })
  await t.rejects(signIn(there, 'alice', password))
  await admin('PATCH', `/auth/users/${id}`, { active: true })
  t.strictSame(await answers(there, tokens.access_token), [401, 401])
  t.strictSame(await answers(there, (await signIn(there, 'alice', password)).access_token), [200, 403])
})

t.test('tokens of one instance are good on the other, and end on both', async (t) => {
  const { here, there } = await startTwo(t)
  const first = await signIn(here, ADMIN.username, ADMIN.password)
  const renewal = { grant_type: 'refresh_token', refresh_token: first.refresh_token }
  const renewed = await there.inject({ method: 'POST', url: '/auth/token', payload: renewal })
  t.equal(renewed.statusCode, 200)
  const { access_token: token } = renewed.json()
  t.strictSame(
    [await answers(here, token), await answers(there, token)],
    [
      [200, 200],
      [200, 200],
    ],
  )
  await there.inject({ method: 'POST', url: '/auth/revoke', payload: { token } })
  t.strictSame(
    [await answers(here, token), await answers(there, token)],
    [
      [401, 401],
      [401, 401],
    ],
  )
})

t.test('a refusal is never decided on what another instance has changed', async (t) => {
  const { here, there, admin } = await startTwo(t)
  const { id, tokens } = await addUser(here, 'alice', 'admin')
  const send = as(there, tokens.access_token)
  const refusals = [
    { method: 'POST', url: '/auth/users', payload: {}, as: 400 },
    { method: 'GET', url: '/auth/users/nobody', as: 404 },
  ] as const
  for (const refusal of refusals) {
    const { method, url } = refusal
    const payload = 'payload' in refusal ? refusal.payload : undefined
    t.equal((await send(method, url, payload)).statusCode, refusal.as)
    await admin('PATCH', `/auth/users/${id}`, { role: 'user' })
    t.equal((await send(method, url, payload)).statusCode, 403, `${method} ${url}`)
    await admin('PATCH', `/auth/users/${id}`, { role: 'admin' })
    t.equal((await send(method, url, payload)).statusCode, refusal.as)
  }
})

t.test('20 changes at once over two instances all take effect', async (t) => {
  const { here, there, admin } = await startTwo(t)
  const elsewhere = as(there, (await signIn(there, ADMIN.username, ADMIN.password)).access_token)
  const names = Array.from({ length: 20 }, (_, n) => `user ${n}`)
  const added = await Promise.all(
    names.map((username, n) =>
      (n % 2 === 0 ? admin : elsewhere)('POST', '/auth/users', {
        username,
        password: 'a password',
        role: 'user',
      }),
    ),
  )
  t.strictSame(new Set(added.map((answer) => answer.statusCode)), new Set([201]))
  t.equal(
    (
      await as(here, (await signIn(here, ADMIN.username, ADMIN.password)).access_token)('GET', '/auth/users')
    ).json().length,
    21,
  )
})
