// The audit log: what happens is in it, in the same transaction, for the admins of the tenant alone, and stays as it is.
import pg from 'pg'
import t from 'tap'
import { appRole } from '../../lib/postgres/app-role.ts'
import { ADMIN, addUser, as, asAdmin, signIn, startWithAdmin } from '../app.ts'

const NOTE = { entity_name: 'note', fields: [{ name: 'title', type: 'string' }] }

t.test('whatever an admin changes is in the log, with who did it and without secrets', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const { id: adminId } = (await admin('GET', '/auth/me')).json()
  const password = 'a password'
  const user = (await admin('POST', '/auth/users', { username: 'alice', password, role: 'user' })).json()
  await admin('PATCH', `/auth/users/${user.id}`, { password: 'a new password', role: 'admin' })
  await admin('DELETE', `/auth/users/${user.id}`)
  const key = (await admin('POST', '/auth/keys', { name: 'import', role: 'user' })).json()
  await admin('DELETE', `/auth/keys/${key.id}`)
  await admin('POST', '/schemas/', NOTE)
  await admin('PUT', '/schemas/note', { fields: NOTE.fields, label: 'Notes' })
  await admin('PUT', '/auth/roles/editor', {})
  await admin('PUT', '/schemas/note/permissions/editor', { read: true })
  await admin('DELETE', '/schemas/note/permissions/editor')
  await admin('DELETE', '/auth/roles/editor')
  await admin('DELETE', '/schemas/note')
  await admin('POST', '/tenants', { name: 'acme', admin: { username: 'boss', password } })
  await admin('PATCH', '/tenants/acme', { active: false })
  await admin('DELETE', '/tenants/acme')
  await admin('POST', '/auth/password', { current_password: ADMIN.password, new_password: 'a new password' })
  const again = as(app, (await signIn(app, 'admin', 'a new password')).access_token)
  const log = await again('GET', '/audit')
  const entries = log.json().reverse()
  const seen = entries.map(({ action, target }: { action: string; target: string | null }) => [
    action,
    target,
  ])
  t.strictSame(seen, [
    ['sign_in.success', null],
    ['user.create', user.id],
    ['user.change', user.id],
    ['user.delete', user.id],
    ['key.create', key.id],
    ['key.delete', key.id],
    ['schema.create', 'note'],
    ['schema.change', 'note'],
    ['role.save', 'editor'],
    ['permission.set', 'note'],
    ['permission.reset', 'note'],
    ['role.delete', 'editor'],
    ['schema.delete', 'note'],
    ['tenant.create', 'acme'],
    ['tenant.change', 'acme'],
    ['tenant.delete', 'acme'],
    ['password.change', adminId],
    ['sign_in.success', null],
  ])
  for (const entry of entries) t.match(entry, { actor: 'admin', actor_id: adminId, created_at: /Z$/ })
  t.match(entries[2].details, { username: 'alice', role: 'admin', password: 'changed' })
  for (const secret of [password, 'a new password', key.key, '$argon2']) t.notOk(log.body.includes(secret))
})

t.test(
  'failed sign-ins are in the log of the tenant that was named, and refused changes in none',
  async (t) => {
    const { app } = await startWithAdmin(t)
    const admin = await asAdmin(app)
    await admin('POST', '/tenants', { name: 'acme', admin: { username: 'boss', password: 'a password' } })
    for (const username of ['acme/boss', 'acme/nobody', 'none/boss', 'admin'])
      await t.rejects(signIn(app, username, 'wrong password'))
    await admin('POST', '/auth/users', { username: 'admin', password: 'a password', role: 'user' })
    await admin('DELETE', '/schemas/nothing')
    await admin('POST', '/tenants', { name: 'acme', admin: { username: 'boss', password: 'a password' } })
    const boss = as(app, (await signIn(app, 'acme/boss', 'a password')).access_token)
    const brief = async (send: typeof boss) =>
      (await send('GET', '/audit'))
        .json()
        .map((e: { action: string; actor: string }) => `${e.action} ${e.actor}`)
    t.strictSame(await brief(boss), [
      'sign_in.success boss',
      'sign_in.failure nobody',
      'sign_in.failure boss',
    ])
    t.strictSame(await brief(admin), [
      'sign_in.failure admin',
      'tenant.create admin',
      'sign_in.success admin',
    ])
  },
)

t.test('the log is paged and filtered, and refuses what it does not know', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await addUser(app, 'alice', 'user')
  const count = async (query: string) => (await admin('GET', `/audit?${query}`)).json().length
  t.equal(await count(''), 4)
  t.equal(await count('limit=2'), 2)
  t.equal(await count('limit=2&offset=3'), 1)
  t.equal(await count('action=eq.user.create'), 1)
  t.equal(await count('action=neq.user.create&actor=eq.alice'), 1)
  t.equal(await count("actor=eq.'"), 0)
  t.equal(await count('actor_id=eq.x'), 0)
  const now = new Date().toISOString()
  t.equal(await count(`created_at=lte.${now}&created_at=gte.2020-01-01`), 4)
  t.equal(await count(`created_at=gt.${now}`), 0)
  const refused = [
    'x=eq.1',
    'action=user.create',
    'action=like.x',
    'created_at=gt.now',
    'created_at=gt.2020-99-01',
  ]
  for (const query of [...refused, 'limit=x', 'offset=-1', 'actor=eq.%00', 'created_at=gt.2020-02-31'])
    t.equal((await admin('GET', `/audit?${query}`)).statusCode, 400, query)
})

t.test('nobody changes or deletes an entry', async (t) => {
  const { app, database } = await startWithAdmin(t)
  await asAdmin(app)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query(`set role ${appRole}`)
  await client.query(`select set_config('app.tenant_id', (tenant_by_name('default')).id::text, false)`)
  t.equal((await client.query('select from audit')).rowCount, 1)
  for (const text of ['update audit set actor = actor', 'delete from audit', 'truncate audit'])
    await t.rejects(client.query(text), { code: '42501' }, text)
})
