// Refresh tokens: each good for one use, reuse ends the session unless it follows at once; and what else ends sessions.
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import t from 'tap'
import { PASSWORD_COST } from '../../lib/auth/password.ts'
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

t.test('the use of an older token ends the whole session and no other', async (t) => {
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

t.test('of ten uses at once all get the same next token, and the session goes on', async (t) => {
  const { app } = await startWithAdmin(t)
  for (let round = 0; round < 3; round++) {
    const tokens = await signIn(app, ADMIN.username, ADMIN.password)
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(app, tokens.refresh_token)))
    t.strictSame(new Set(answers.map((answer) => answer.statusCode)), new Set([200]))
    const next = new Set(answers.map((answer) => answer.json().refresh_token))
    t.equal(next.size, 1)
    for (const answer of answers) t.ok(await isSignedIn(app, answer.json()))
    t.equal((await refresh(app, [...next][0] as string)).statusCode, 200)
    t.equal((await refresh(app, tokens.refresh_token)).statusCode, 401, 'its successor has been used')
    t.notOk(await isSignedIn(app, tokens))
  }
})

t.test('a token that was used more than ten seconds ago ends the session', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const age = (seconds: number) =>
    client.query('update refresh_token set used_at = used_at - make_interval(secs => $1)', [seconds])
  const first = await signIn(app, ADMIN.username, ADMIN.password)
  const second = (await refresh(app, first.refresh_token)).json() as Tokens
  await age(8)
  t.equal((await refresh(app, first.refresh_token)).json().refresh_token, second.refresh_token)
  await age(3)
  t.equal((await refresh(app, first.refresh_token)).statusCode, 401)
  t.notOk(await isSignedIn(app, second))
  t.equal((await refresh(app, second.refresh_token)).statusCode, 401)
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
  const { app, database } = await startWithAdmin(t, {}, { passwordCost: PASSWORD_COST })
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

t.test('a user changes their password: other sessions end, the one that changed it goes on', async (t) => {
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
  t.notOk(await isSignedIn(app, elsewhere))
  t.equal((await refresh(app, elsewhere.refresh_token)).statusCode, 401)
  t.ok(await isSignedIn(app, tokens))
  t.equal((await refresh(app, tokens.refresh_token)).statusCode, 200)
  t.ok(await isSignedIn(app, changed.json()))
  t.equal((await refresh(app, changed.json().refresh_token)).statusCode, 200)
  await t.rejects(signIn(app, 'alice', password))
  t.ok(await signIn(app, 'alice', 'another password'))
})

t.test('an admin who sets their own password stays signed in, and elsewhere no longer is', async (t) => {
  const { app } = await startWithAdmin(t)
  const [here, there] = [
    await signIn(app, ADMIN.username, ADMIN.password),
    await signIn(app, ADMIN.username, ADMIN.password),
  ]
  const send = as(app, here.access_token)
  const { id } = (await send('GET', '/auth/me')).json()
  t.equal((await send('PATCH', `/auth/users/${id}`, { password: 'another password' })).statusCode, 200)
  t.ok(await isSignedIn(app, here))
  t.equal((await refresh(app, here.refresh_token)).statusCode, 200)
  t.notOk(await isSignedIn(app, there))
  t.ok(await signIn(app, ADMIN.username, 'another password'))
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
