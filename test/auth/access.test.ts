// What a route's declared access means for those who come with a token, with a bad one and with none; and that whatever
// they send stays out of the log.

import { Writable } from 'node:stream'
import t from 'tap'
import { buildApp } from '../../app.ts'
import type { Access } from '../../lib/access/roles.ts'
import { ADMIN, addUser, as, signIn, startWithAdmin } from '../support/app.ts'

t.test(
  'a route is open to those it is declared for, and one that declares nothing to operators',
  async (t) => {
    const { app: running, database } = await startWithAdmin(t)
    const app = await buildApp(running.settings, database)
    t.teardown(() => app.close())
    const accesses = ['public', 'anyone', 'visitor', 'user', 'admin', 'operator', undefined] as (
      | Access
      | undefined
    )[]
    for (const access of accesses)
      app.route({
        method: 'GET',
        url: `/test/${access}`,
        ...(access === undefined ? {} : { config: { access } }),
        handler: async ({ caller }) => caller?.username ?? 'nobody',
      })
    const token = async (role: string) => (await addUser(app, `${role} account`, role)).tokens.access_token
    const callers = {
      nobody: { authorization: undefined, expected: [200, 200, 401, 401, 401, 401, 401] },
      'a bad token': { authorization: 'Bearer x', expected: [200, 401, 401, 401, 401, 401, 401] },
      'no bearer': { authorization: 'Basic YTpi', expected: [200, 401, 401, 401, 401, 401, 401] },
      user: { authorization: `Bearer ${await token('user')}`, expected: [200, 200, 200, 200, 403, 403, 403] },
      admin: {
        authorization: `Bearer ${await token('admin')}`,
        expected: [200, 200, 200, 200, 200, 403, 403],
      },
      operator: {
        authorization: `Bearer ${await token('operator')}`,
        expected: [200, 200, 200, 200, 200, 200, 200],
      },
    }
    for (const [name, { authorization, expected }] of Object.entries(callers)) {
      const headers = authorization === undefined ? {} : { authorization }
      const answers = await Promise.all(
        accesses.map((access) => app.inject({ method: 'GET', url: `/test/${access}`, headers })),
      )
      t.strictSame(
        answers.map((answer) => answer.statusCode),
        expected,
        name,
      )
      t.equal(answers[0]?.body, 'nobody', 'a public route does not look at the token')
      if (answers[1]?.statusCode === 200)
        t.equal(answers[1].body, authorization === undefined ? 'nobody' : `${name} account`)
      const heads = await Promise.all(
        accesses.map((access) => app.inject({ method: 'HEAD', url: `/test/${access}`, headers })),
      )
      t.strictSame(
        heads.map((answer) => answer.statusCode),
        expected,
        `${name}: HEAD`,
      )
    }
  },
)

t.test('no password and no token is ever logged', async (t) => {
  const { app: running, database } = await startWithAdmin(t)
  let log = ''
  const stream = new Writable({
    write(chunk, _encoding, done) {
      log += chunk
      done()
    },
  })
  const settings = { ...running.settings, LOG_LEVEL: 'trace' }
  const app = await buildApp(settings, database, { logger: { level: 'trace', stream } })
  t.teardown(() => app.close())
  const { tokens, password, id } = await addUser(app, 'alice', 'user')
  const admin = await signIn(app, ADMIN.username, ADMIN.password)
  const post = (url: string, payload: object | string, headers = {}) =>
    app.inject({ method: 'POST', url, payload, headers: { 'content-type': 'application/json', ...headers } })
  const mine = { authorization: `Bearer ${tokens.access_token}` }
  await post('/auth/token', { username: 'alice', password: 'a-wrong-guess' })
  await post('/auth/token', { username: 'alice', password: ['an-odd-guess'] })
  await post('/auth/token', '{"username":"alice","password":"a-broken-guess')
  await post('/auth/token', { grant_type: 'refresh_token', refresh_token: `${tokens.refresh_token}x` })
  await post('/auth/password', { current_password: 'a-wrong-guess', new_password: 'a-new-password' }, mine)
  await post('/auth/users', { username: 'alice', password: 'a-doomed-password' }, mine)
  await as(app, admin.access_token)('POST', '/auth/users', {
    username: 'alice',
    password: 'a-taken-name',
    role: 'user',
  })
  await as(app, admin.access_token)('PATCH', `/auth/users/${id}`, { password: 'a-set-password' })
  await post('/auth/revoke', { token: tokens.refresh_token })
  await app.directory.ping()
  t.ok(log.includes('/auth/token'))
  const secrets = [
    ...Object.values(tokens),
    ...Object.values(admin),
    password,
    ADMIN.password,
    ...['a-wrong-guess', 'an-odd-guess', 'a-broken-guess', 'a-new-password'],
    ...['a-doomed-password', 'a-taken-name', 'a-set-password', '$argon2id'],
  ].filter((secret): secret is string => typeof secret === 'string' && secret !== 'bearer')
  for (const secret of secrets) t.notOk(log.includes(secret), `${secret.slice(0, 12)}...`)
})
