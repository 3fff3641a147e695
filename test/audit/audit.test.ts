// The audit log: what happens is in it, in the same transaction, for the admins of the tenant alone, and stays as it is.

import pg from 'pg'
import t from 'tap'
import { resetPassword } from '../../lib/auth/account-recovery-store.ts'
import { appRole } from '../../lib/postgres/app-role.ts'
import { ADMIN, addUser, as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'

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
  for (const past of ['now-1m', 'today-7d', 'now-1mo']) t.equal(await count(`created_at=gt.${past}`), 4, past)
  t.equal(await count('created_at=gt.now%2B1h'), 0)
  t.equal(await count('or=(created_at.lt.now-1d,created_at.gte.today-1d)'), 4)
  const refused = [
    'x=eq.1',
    'action=user.create',
    'actor=fts.x',
    'details=gt.1',
    'details=eq.x',
    'actor->x=eq.1',
    'or=(x.eq.1)',
    'order=x',
    'order=actor(x)',
    'select=x',
    'select=actor(x)',
    'select=count()',
    'action=is.true',
    'actor.limit=1',
    'cursor=x',
    'limit=1&limit=2',
    'created_at=gt.soon',
    'created_at=gt.2020-99-01',
  ]
  for (const query of [...refused, 'limit=x', 'offset=-1', 'actor=eq.%00', 'created_at=gt.2020-02-31'])
    t.equal((await admin('GET', `/audit?${query}`)).statusCode, 400, query)
})

t.test('the log speaks the grammar of the records', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  for (const name of ['alice', 'bob', 'carol']) await addUser(app, name, name === 'bob' ? 'admin' : 'user')
  const actors = async (query: string) =>
    (await admin('GET', `/audit?action=eq.user.create&select=details->>username&${query}`))
      .json()
      .map(({ username }: { username: string }) => username)
  const all = ['carol', 'bob', 'alice']
  const cases: [query: string, found: string[]][] = [
    ['', all],
    ['order=created_at', all.toReversed()],
    ['order=details->>username.desc', all],
    ['order=action,details->>role.desc,details->>username', ['alice', 'carol', 'bob']],
    ['details->>username=in.(alice,bob)', ['bob', 'alice']],
    ['details->>username=like.*o*', ['carol', 'bob']],
    ['details->>username=ilike(any).{A*,B*}', ['bob', 'alice']],
    ['details->>username=not.like.*o*', ['alice']],
    ['or=(details->>username.eq.alice,details->>role.eq.admin)', ['bob', 'alice']],
    ['not.and=(actor.eq.admin,details->>username.gt.b)', ['alice']],
    ['details=cs.{"role":"admin"}', ['bob']],
    ['details=not.cs.{"role":"admin"}', ['carol', 'alice']],
    ['details->username=eq."bob"', ['bob']],
    ['details->>nothing=is.null', all],
    ['target=not.is.null&actor=eq(any).{admin,x}', all],
    ['target=is.null', []],
    ['actor=in.()', []],
    ['or=()', []],
    ['created_at=gte.2020-01-01&created_at=not.lt.2020-01-01T00:00:00Z', all],
    ['actor_id=isdistinct.x', all],
  ]
  for (const [query, found] of cases) t.strictSame(await actors(query), found, query)
  const selected = await admin(
    'GET',
    '/audit?select=who:actor,action,details->role&action=eq.user.create&limit=1',
  )
  t.strictSame(selected.json(), [{ who: 'admin', action: 'user.create', role: 'user' }])
})

t.test('the log is counted on request, and its links lead through all of it', async (t) => {
  const { app } = await startWithAdmin(t, { DEFAULT_LIMIT: 3 })
  const admin = await asAdmin(app)
  for (const name of ['alice', 'bob', 'carol']) await addUser(app, name, 'user')
  const count = { prefer: 'count=exact' }
  const page = await admin('GET', '/audit?limit=2', undefined, count)
  const { 'content-range': range, 'preference-applied': applied } = page.headers
  t.strictSame([page.statusCode, range, applied], [206, '0-1/10', 'count=exact'])
  t.equal((await admin('GET', '/audit?limit=20', undefined, count)).statusCode, 200)
  t.equal((await admin('GET', '/audit?offset=20', undefined, count)).statusCode, 416)
  t.equal((await admin('GET', '/audit?limit=0')).headers['content-range'], '*/*')
  for (const start of ['/audit', '/audit?order=action', '/audit?offset=0']) {
    const seen: string[] = []
    for (let next: string | undefined = start; next !== undefined; ) {
      const answer = await admin('GET', next)
      t.equal(answer.statusCode, 200, answer.body)
      for (const { id } of answer.json()) seen.push(id)
      next = /^<(.+)>; rel="next"$/.exec(answer.headers.link?.toString() ?? '')?.[1]
      // What comes after the first page was read is in front of it and shifts no cursor.
      if (start === '/audit') await signIn(app, ADMIN.username, ADMIN.password)
    }
    t.equal(new Set(seen).size, seen.length, start)
    t.ok(seen.length >= 10, start)
  }
})

t.test('exports, ended sessions, tokens used twice and recovered passwords are in the log', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const { tokens } = await addUser(app, 'alice', 'user')
  await admin('POST', '/schemas/', NOTE)
  await admin('POST', '/note/', { title: 'a' })
  await admin('GET', '/note?title=eq.a', undefined, { accept: 'text/csv' })
  await admin('HEAD', '/note', undefined, { accept: 'text/csv' })
  await admin('GET', '/note?nothing=eq.a', undefined, { accept: 'application/x-ndjson' })
  await admin('GET', '/note')
  const post = (url: string, payload: object) =>
    app.inject({ method: 'POST', url, payload, remoteAddress: '203.0.113.9' })
  const renewal = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token }
  const { refresh_token } = (await post('/auth/token', renewal)).json()
  t.equal((await post('/auth/token', { ...renewal, refresh_token })).statusCode, 200)
  t.equal((await post('/auth/token', renewal)).statusCode, 401)
  const again = await signIn(app, 'alice', 'password of alice')
  for (let times = 0; times < 2; times++)
    t.equal((await post('/auth/revoke', { token: again.access_token })).statusCode, 200)
  await resetPassword(app, 'alice')
  const log = await admin(
    'GET',
    '/audit?or=(action.like.session.*,action.like.records.*,action.eq.password.recover)',
  )
  const entries = log.json().reverse()
  t.equal(entries.length, 4, log.body)
  t.match(entries, [
    {
      action: 'records.export',
      actor: 'admin',
      target: 'note',
      details: { format: 'csv', query: 'title=eq.a' },
    },
    { action: 'session.reuse', actor: 'alice', details: { address: '203.0.113.9' } },
    { action: 'session.end', actor: 'alice', details: { address: '203.0.113.9' } },
    { action: 'password.recover', actor: 'npm run admin', actor_id: null, details: { username: 'alice' } },
  ])
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
