// Guessing: ten failures a minute per account, sixty per address, and successes do not count.
import t from 'tap'
import { FailedAttempts } from '../../lib/auth/failed-attempts.ts'
import { PASSWORD_COST } from '../../lib/auth/password.ts'
import { ADMIN, as, asAdmin, signIn, startApp, startWithAdmin } from '../support/app.ts'
import { until } from '../support/until.ts'

const fail = async () => null

const succeed = async () => 'yes'

/** Hashes that take so long that sign-ins wait for each other. */
const IN_SERVICE = { passwordCost: PASSWORD_COST }

const LIMIT = { tenant: 'a', budgets: [{ key: 'account', limit: 10 }] }

t.test('after its budget of failures a key is refused until the minute is over', async (t) => {
  let now = 1_000_000
  const attempts = new FailedAttempts(() => now)
  for (let n = 0; n < 10; n++) {
    t.equal(await attempts.attempt(LIMIT, fail), null)
    now += 1000
  }
  const refusal = await attempts.attempt(LIMIT, succeed).catch((error) => error)
  t.match(refusal, { kind: { status: 429 }, extras: { headers: { 'retry-after': '50' } } })
  t.equal(await attempts.attempt({ tenant: 'a', budgets: [{ key: 'other', limit: 10 }] }, succeed), 'yes')
  now += 49_999
  t.match(await attempts.attempt(LIMIT, succeed).catch((error) => error), {
    extras: { headers: { 'retry-after': '1' } },
  })
  now += 1
  t.equal(await attempts.attempt(LIMIT, succeed), 'yes')
  t.equal(await attempts.attempt(LIMIT, fail), null)
})

t.test('successes neither count nor wipe out failures', async (t) => {
  const attempts = new FailedAttempts(() => 0)
  for (let n = 0; n < 9; n++) await attempts.attempt(LIMIT, fail)
  for (let n = 0; n < 50; n++) t.equal(await attempts.attempt(LIMIT, succeed), 'yes')
  t.equal(await attempts.attempt(LIMIT, fail), null)
  await t.rejects(attempts.attempt(LIMIT, succeed))
})

t.test('guesses sent at once do not get more tries than guesses one by one', async (t) => {
  const attempts = new FailedAttempts(() => 0)
  let checked = 0
  const slowFail = async () => {
    checked++
    await new Promise((resolve) => setImmediate(resolve))
    return null
  }
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, () => attempts.attempt(LIMIT, slowFail)),
  )
  t.equal(checked, 10)
  t.equal(outcomes.filter(({ status }) => status === 'rejected').length, 90)
})

t.test('rightful attempts sent at once all get through, near the limit too', async (t) => {
  const attempts = new FailedAttempts(() => 0)
  for (let n = 0; n < 9; n++) await attempts.attempt(LIMIT, fail)
  const slowSuccess = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    return 'yes'
  }
  const outcomes = await Promise.all(Array.from({ length: 100 }, () => attempts.attempt(LIMIT, slowSuccess)))
  t.strictSame(new Set(outcomes), new Set(['yes']))
})

t.test('an attempt that could not be checked is no failure; too many waiting are turned away', async (t) => {
  const attempts = new FailedAttempts(() => 0)
  const broken = () => Promise.reject(new Error('no database'))
  for (let n = 0; n < 12; n++) await t.rejects(attempts.attempt(LIMIT, broken), { message: 'no database' })
  let release = () => {}
  const gate = new Promise<string>((resolve) => {
    release = () => resolve('yes')
  })
  const waiting = Array.from({ length: 400 }, () => attempts.attempt(LIMIT, () => gate))
  const outcomes = Promise.allSettled(waiting)
  release()
  const refused = (await outcomes).filter((outcome) => outcome.status === 'rejected')
  t.ok(refused.length > 0 && refused.length < 110)
  t.match(refused[0]?.reason, { kind: { status: 503 } })
})

t.test(
  'over HTTP: the eleventh guess at an account waits, other accounts and addresses do not',
  async (t) => {
    const { app } = await startWithAdmin(t)
    const guess = (username: string, remoteAddress = '10.0.0.1') =>
      app.inject({
        method: 'POST',
        url: '/auth/token',
        remoteAddress,
        payload: { username, password: 'wrong' },
      })
    for (const username of ['admin', 'nobody', 'acme/admin']) {
      const parallel = await Promise.all(Array.from({ length: 12 }, () => guess(username)))
      t.strictSame(parallel.map((answer) => answer.statusCode).sort(), [...Array(10).fill(401), 429, 429])
      const refused = await guess(username)
      t.equal(refused.statusCode, 429)
      t.match(refused.headers['retry-after'], /^([1-9]|[1-5]\d|60)$/)
      t.equal(refused.json().code, 'too_many_requests')
      t.equal((await guess(username, '10.0.0.2')).statusCode, 429, 'from another address')
    }
    t.equal((await guess('default/admin')).statusCode, 429, 'another spelling of the same account')
    for (let n = 0; n < 30; n++) t.equal((await guess(`user ${n}`)).statusCode, 401)
    t.equal((await guess('user')).statusCode, 429, 'the address has had its sixty')
    t.equal((await guess('user', '10.0.0.3')).statusCode, 401)
  },
)

t.test('50 rightful sign-ins at once all succeed and do not hold up anything else', async (t) => {
  const { app } = await startWithAdmin(t, {}, IN_SERVICE)
  let signedIn = 0
  const signIns = Array.from({ length: 50 }, async () => {
    await signIn(app, ADMIN.username, ADMIN.password)
    signedIn++
  })
  const answer = await app.inject({ url: '/docs/json' })
  t.equal(answer.statusCode, 200)
  t.ok(signedIn < 5, 'the others still wait for their turn')
  await Promise.all(signIns)
  t.equal(signedIn, 50)
})

t.test('two instances count together, and a success on one wipes out nothing on the other', async (t) => {
  const { app: here, database } = await startWithAdmin(t, {}, IN_SERVICE)
  const there = await startApp(t, database, {}, IN_SERVICE)
  const guess = async (app: typeof here, username: string, password = 'wrong password') =>
    (await app.inject({ method: 'POST', url: '/auth/token', payload: { username, password } })).statusCode
  for (let n = 0; n < 10; n++) t.equal(await guess(n % 2 ? here : there, ADMIN.username), 401)
  for (const app of [here, there]) {
    t.equal(await guess(app, ADMIN.username), 429)
    t.equal(await guess(app, ADMIN.username, ADMIN.password), 429, 'also the right password')
  }
  const statuses = await Promise.all(
    Array.from({ length: 40 }, (_, n) => guess(n % 2 ? here : there, 'someone else')),
  )
  const checked = statuses.filter((status) => status === 401).length
  t.ok(checked >= 10 && checked <= 13, `${checked} guesses of 40 at once were checked`)
  t.equal(await guess(there, 'someone else'), 429)
})

t.test('many sign-ins of one tenant delay another’s by a turn, not by all of them', async (t) => {
  const { app } = await startWithAdmin(t, {}, IN_SERVICE)
  const operator = await asAdmin(app)
  const boss = { username: 'boss', password: 'a password' }
  t.equal((await operator('POST', '/tenants', { name: 'acme', admin: boss })).statusCode, 201)
  const acme = as(app, (await signIn(app, 'acme/boss', boss.password)).access_token)
  let done = 0
  const count = () => done++
  const signIns = Array.from({ length: 150 }, () => signIn(app, 'acme/boss', boss.password).then(count))
  const users = Array.from({ length: 100 }, (_, n) =>
    acme('POST', '/auth/users', { username: `user ${n}`, password: 'a password', role: 'user' }).then(count),
  )
  await until(async () => done > 4)
  const before = done
  await signIn(app, ADMIN.username, ADMIN.password)
  t.ok(done - before < 20, `${done - before} of 250 came first`)
  await Promise.all([...signIns, ...users])
})
