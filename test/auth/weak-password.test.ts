// Passwords that are guessed first are refused wherever one is set, and keys make no keys.

import t from 'tap'
import { ensureFirstAdmin } from '../../lib/auth/account-recovery-store.ts'
import { weaknessOf } from '../../lib/auth/weak-password.ts'
import { ADMIN, addUser, as, asAdmin, startApp, startWithAdmin } from '../support/app.ts'
import { createTestDatabase } from '../support/test-database.ts'

t.test('the commonest passwords and the names of the owner are weak, in any case', async (t) => {
  const owner = { username: 'Zoë-Marie', tenant: 'acme-corp' }
  const weak = [
    'password',
    'PassWord',
    '12345678',
    'qwertyuiop',
    'iloveyou',
    'trustno1',
    'p@ssw0rd',
    ' password',
  ]
  const names = ['zoë-marie', 'ZOE\u0308-MARIE', 'acme-corp/Zoë-Marie', 'acme-corp', 'Acme-Corp']
  for (const password of [...weak, ...names]) t.type(await weaknessOf(password, owner), 'string', password)
  for (const password of ['correct-horse', 'a password', 'password of zoë-marie', 'zoë-marie-2'])
    t.equal(await weaknessOf(password, owner), null, password)
})

t.test('a weak password is refused with 400 on every way to set one', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const { id, password, tokens } = await addUser(app, 'alice-cooper', 'user')
  const alice = as(app, tokens.access_token)
  const boss = (weak: string) => ({ username: 'boss-of-all', password: weak })
  for (const weak of ['password', 'PASSWORD1', 'sunshine', 'ALICE-cooper', 'default/alice-cooper']) {
    const refused = async (answer: Promise<{ statusCode: number; json(): unknown }>, pointer: string) =>
      t.match((await answer).json(), { status: 400, code: 'weak_password', errors: [{ pointer }] }, weak)
    const user = { username: 'alice-cooper', password: weak, role: 'user' }
    await refused(admin('POST', '/auth/users', user), '/password')
    await refused(admin('PATCH', `/auth/users/${id}`, { password: weak }), '/password')
    const change = { current_password: password, new_password: weak }
    await refused(alice('POST', '/auth/password', change), '/new_password')
  }
  for (const weak of ['password', 'Boss-Of-All', 'acme/boss-of-all', 'acme-company']) {
    const made = await admin('POST', '/tenants', { name: 'acme-company', admin: boss(weak) })
    t.match(made.json(), { status: 400, code: 'weak_password', errors: [{ pointer: '/admin/password' }] })
  }
  t.equal(
    (await admin('POST', '/tenants', { name: 'acme-company', admin: boss('a password') })).statusCode,
    201,
  )
})

t.test(
  'the first admin is not made with a weak password; one that is not used does not matter',
  async (t) => {
    const app = await startApp(t, await createTestDatabase(t))
    const given = { username: 'administrator', password: 'Administrator' }
    await t.rejects(ensureFirstAdmin(app, given), {
      name: 'StartError',
      message: /^ADMIN_PASSWORD is the user name/,
    })
    t.match(await ensureFirstAdmin(app, ADMIN), { username: ADMIN.username })
    t.equal(await ensureFirstAdmin(app, given), null)
  },
)

t.test('a key makes no keys, and what it makes is recorded under its name', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const made = (await admin('POST', '/auth/keys', { name: 'deploy', role: 'admin' })).json()
  const program = as(app, made.key)
  const refused = await program('POST', '/auth/keys', { name: 'more', role: 'user' })
  t.match(refused.json(), { status: 403, code: 'forbidden', detail: /API key/ })
  t.equal((await admin('GET', '/auth/keys')).json().length, 1)
  t.equal((await program('GET', '/auth/keys')).statusCode, 200)
  const user = { username: 'alice', password: 'a password', role: 'user' }
  t.equal((await program('POST', '/auth/users', user)).statusCode, 201)
  const [entry] = (await admin('GET', '/audit?action=eq.user.create')).json()
  t.match(entry, { actor: 'key:deploy', actor_id: made.id, details: { username: 'alice' } })
})
