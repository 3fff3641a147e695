// Refresh tokens: each good for one use, a second use ends the session; and what else ends sessions.
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import t from 'tap'
import { ADMIN, addUser, as, signIn, startWithAdmin, type Tokens } from '../support/app.ts'

const refresh = (app: FastifyInstance, refresh_token: string) =>
  app.inject({ method: 'POST', url: '/auth/token', payload: { grant_type: 'refresh_token', refresh_token } })

const isSignedIn = async (app: FastifyInstance, { access_token }: Tokens) =>
  (await as(app, access_token)('GET', '/auth/me')).statusCode === 200

t.test('a refresh token is replaced by the next', async (t) => {
  const { app } = await startWithAdmin(t)
  const first = await signIn(app, ADMIN.username, ADMIN.password)
  const answer = await refresh(app, first.refresh_token)
  t.equal(answer.statusCode, 200)
  const second = answer.json() as Tokens
  t.not(second.refresh_token, first.refresh_token)
  t.ok(await isSignedIn(app, second))
  t.equal((await refresh(app, second.refresh_token)).statusCode, 200)
})

t.test('a second use ends the whole session and no other', async (t) => {
  const { app } = await startWithAdmin(t)
  const other = await signIn(app, ADMIN.username, ADMIN.password)
  const first = await signIn(app, ADMIN.username, ADMIN.password)
  const second = (await refresh(app, first.refresh_token)).json() as Tokens
  const third = (await refresh(app, second.refresh_token)).json() as Tokens
  t.ok(await isSignedIn(app, third))
  const reused = await refresh(app, first.refresh_token)
  t.match([reused.statusCode, reused.json().code], [401, 'invalid_refresh_token'])
  t.equal((await refresh(app, third.refresh_token)).statusCode, 401)
  for (const tokens of [first, second, third]) t.notOk(await isSignedIn(app, tokens))
  t.ok(await isSignedIn(app, other))
  t.equal((await refresh(app, other.refresh_token)).statusCode, 200)
})

t.test('of ten uses at once one wins, and the session ends', async (t) => {
  const { app } = await startWithAdmin(t)
  for (let round = 0; round < 3; round++) {
    const tokens = await signIn(app, ADMIN.username, ADMIN.password)
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(app, tokens.refresh_token)))
    t.strictSame(answers.map((answer) => answer.statusCode).sort(), [200, ...Array(9).fill(401)])
    const winner = answers.find((answer) => answer.statusCode === 200)?.json() as Tokens
    t.equal((await refresh(app, winner.refresh_token)).statusCode, 401)
    t.notOk(await isSignedIn(app, winner))
  }
})

t.test('what is no refresh token is refused like an unknown one', async (t) => {
  const { app } = await startWithAdmin(t)
  const { access_token, refresh_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const bytes = Buffer.from(refresh_token.slice(4), 'base64url')
  const flipped = (at: number) => {
    const other = Buffer.from(bytes)
    other[at] = (other[at] as number) ^ 1
    return `uvr_${other.toString('base64url')}`
  }
  const wrong = [
    '',
    'x',
    'uvr_',
    access_token,
    `${refresh_token}A`,
    refresh_token.slice(4),
    flipped(15),
    flipped(31),
    flipped(63),
  ]
  for (const token of wrong) {
    const answer = await refresh(app, token)
    t.match([answer.statusCode, answer.json().code], [401, 'invalid_refresh_token'], token)
    t.equal(answer.headers['www-authenticate'], 'Bearer')
  }
  t.equal((await refresh(app, refresh_token)).statusCode, 200, 'none of these was a use')
})

t.test('an expired refresh token is refused, and the next sign-in removes it', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const { refresh_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query("update refresh_token set expires_at = now() - interval '1 second'")
  t.equal((await refresh(app, refresh_token)).statusCode, 401)
  await signIn(app, ADMIN.username, ADMIN.password)
  t.equal((await client.query('select from refresh_token')).rowCount, 1)
})

t.test('the database knows no token and no password', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const { refresh_token, access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const { rows } = await client.query(
    'select r.*, a.* from refresh_token r join account a on a.id = r.account_id',
  )
  const stored = JSON.stringify(rows, (_, value) =>
    value?.type === 'Buffer' ? Buffer.from(value.data).toString('base64url') : value,
  )
  const secret = refresh_token.slice(-43)
  for (const text of [ADMIN.password, refresh_token, secret, access_token]) t.notOk(stored.includes(text))
  t.match(rows[0].password_hash, /^\$argon2id\$v=19\$m=7168,(t=5,p=1|p=1,t=5)\$/)
})

t.test('a user changes his password: everything given out before ends, the answer goes on', async (t) => {
  const { app } = await startWithAdmin(t)
  const { password, tokens } = await addUser(app, 'alice', 'user')
  const elsewhere = await signIn(app, 'alice', password)
  const send = as(app, tokens.access_token)
  const wrong = await send('POST', '/auth/password', {
    current_password: 'wrong',
    new_password: 'another password',
  })
  t.match([wrong.statusCode, wrong.json().errors], [400, [{ pointer: '/current_password' }]])
  const short = await send('POST', '/auth/password', { current_password: password, new_password: 'short' })
  t.match(
    [short.statusCode, short.json().errors],
    [400, [{ pointer: '/new_password', keyword: 'minLength' }]],
  )
  t.ok(await isSignedIn(app, tokens))
  const changed = await send('POST', '/auth/password', {
    current_password: password,
    new_password: 'another password',
  })
  t.equal(changed.statusCode, 200)
  for (const old of [tokens, elsewhere]) {
    t.notOk(await isSignedIn(app, old))
    t.equal((await refresh(app, old.refresh_token)).statusCode, 401)
  }
  t.ok(await isSignedIn(app, changed.json()))
  t.equal((await refresh(app, changed.json().refresh_token)).statusCode, 200)
  await t.rejects(signIn(app, 'alice', password))
  t.ok(await signIn(app, 'alice', 'another password'))
})

t.test('sign-ins and renewals that race with a new password leave no session behind', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const { id } = await addUser(app, 'alice', 'user')
  for (let round = 0; round < 5; round++) {
    const password = `password ${round}`
    await admin('PATCH', `/auth/users/${id}`, { password })
    const sessions = [await signIn(app, 'alice', password), await signIn(app, 'alice', password)]
    const signIns = Array.from({ length: 4 }, () => signIn(app, 'alice', password).catch(() => null))
    const renewals = sessions.map(async ({ refresh_token }) => {
      const answer = await refresh(app, refresh_token)
      return answer.statusCode === 200 ? (answer.json() as Tokens) : null
    })
    const [changed] = await Promise.all([
      admin('PATCH', `/auth/users/${id}`, { password: 'x'.repeat(8) }),
      ...signIns,
      ...renewals,
    ])
    t.equal(changed.statusCode, 200)
    const left = await Promise.all([...signIns, ...renewals])
    for (const tokens of left) {
      if (tokens === null) continue
      t.notOk(await isSignedIn(app, tokens))
      t.equal((await refresh(app, tokens.refresh_token)).statusCode, 401)
    }
  }
})
