// Ending sessions while others are being renewed or opened: two transactions side by side, in both orders.

import pg from 'pg'
import t, { type Test } from 'tap'
import { v7 as uuid } from 'uuid'
import { findCredentials, insertAccount, lockAccount } from '../../lib/auth/account-store.ts'
import { parseRefreshToken, type RefreshToken } from '../../lib/auth/refresh-token.ts'
import {
  endSession,
  endSessions,
  lockCredentials,
  openSession,
  renewSession,
} from '../../lib/auth/session-store.ts'

import type { Statement } from '../../lib/db/statement.ts'
import { queryText } from '../../lib/db/text-rows.ts'
import { untilLockWaits } from '../support/lock-waits.ts'

import { createTestDatabase } from '../support/test-database.ts'

const TTL = 3600

/** A connection that may be used as a transaction. */
async function connect(test: Test, url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  test.teardown(() => client.end())
  return Object.assign(client, { read: (statement: Statement) => queryText(client, statement) })
}

/** Two connections inside a transaction each, an account and an open session of it; and who sees them from outside. */
async function prepare(test: Test) {
  const { url } = await createTestDatabase(test)
  const [one, two, watcher] = [await connect(test, url), await connect(test, url), await connect(test, url)]
  const tenantId = uuid()
  await one.query('begin')
  await one.query('select enter_new_tenant($1, $2)', [tenantId, 'acme'])
  await insertAccount(one, tenantId, { id: uuid(), username: 'alice', role: 'user', passwordHash: 'x' })
  const account = await findCredentials(one, tenantId, 'alice')
  if (account === null) throw new Error('no account')
  const session = await openSession(one, tenantId, account.id, TTL)
  await one.query('commit')
  const token = parseRefreshToken(session.refreshToken) as RefreshToken
  for (const client of [one, two]) {
    await client.query('begin')
    await client.query("select set_config('app.tenant_id', $1, true)", [tenantId])
  }
  const left = async () => (await one.query('select from refresh_token')).rowCount
  /** Resolves to whether the work waits for the other transaction: false when it is done without. */
  const isWaiting = (work: Promise<unknown>) =>
    Promise.race([work.then(() => false), untilLockWaits(watcher).then(() => true)])
  return { one, two, tenantId, account, session, token, left, isWaiting }
}

t.test('ending one session waits for its renewal and takes the new token with it', async (t) => {
  const { one, two, tenantId, session, token, left, isWaiting } = await prepare(t)
  t.ok(await renewSession(one, token, TTL))
  const ending = endSession(two, tenantId, session.id)
  t.ok(await isWaiting(ending))
  await one.query('commit')
  await ending
  await two.query('commit')
  t.equal(await left(), 0)
})

t.test('ending all sessions of an account waits for a renewal and takes the new token with it', async (t) => {
  const { one, two, tenantId, account, token, left, isWaiting } = await prepare(t)
  t.ok(await renewSession(one, token, TTL))
  const ending = lockAccount(two, tenantId, account.id).then(() =>
    endSessions(two, { tenantId, accountId: account.id }),
  )
  t.ok(await isWaiting(ending))
  await one.query('commit')
  await ending
  await two.query('commit')
  t.equal(await left(), 0)
})

t.test('a renewal waits for the end of the sessions and comes to nothing', async (t) => {
  const { one, two, tenantId, account, token, left, isWaiting } = await prepare(t)
  await lockAccount(two, tenantId, account.id)
  const renewal = renewSession(one, token, TTL)
  t.ok(await isWaiting(renewal))
  await endSessions(two, { tenantId, accountId: account.id })
  await two.query('commit')
  const renewed = await renewal
  t.notOk(renewed !== null && 'session' in renewed)
  await one.query('commit')
  t.equal(await left(), 0)
})

t.test('a sign-in whose password has changed meanwhile opens nothing', async (t) => {
  const { one, two, tenantId, account, isWaiting } = await prepare(t)
  await lockAccount(two, tenantId, account.id)
  const locked = lockCredentials(one, tenantId, account)
  t.ok(await isWaiting(locked))
  await endSessions(two, { tenantId, accountId: account.id })
  await two.query('commit')
  t.equal(await locked, false)
})
