// Passwords: argon2id, exact, as expensive for nobody as for somebody, and hashed anew when the cost has risen.

import argon2 from 'argon2'
import pg from 'pg'
import t from 'tap'
import { createPasswords, generatePassword, PASSWORD_COST } from '../../lib/auth/password.ts'
import { ADMIN, signIn, startWithAdmin } from '../support/app.ts'

t.test('a password fits its own hash and no other', async (t) => {
  const passwords = createPasswords()
  const texts = ['correct-horse', 'correct-horse ', 'x'.repeat(1024), 'p\u0000q-12345', '🔑🔑🔑🔑🔑🔑🔑🔑']
  const hashes = await Promise.all(texts.map((text) => passwords.hash(text, 'a')))
  for (const [i, hash] of hashes.entries())
    for (const [j, text] of texts.entries()) t.equal(await passwords.verify(hash, text, 'a'), i === j)
  t.not(await passwords.hash('correct-horse', 'a'), hashes[0], 'salted')
  t.ok(
    await passwords.verify(await passwords.hash('Zoe\u0308 and more', 'a'), 'Zo\u00eb and more', 'a'),
    'however typed',
  )
})

t.test('nobody has no password, and finding that out does the same work', async (t) => {
  const passwords = createPasswords()
  const verify = t.capture(argon2, 'verify', argon2.verify)
  t.equal(await passwords.verify(null, 'correct-horse', 'a'), false)
  const somebody = await passwords.hash('correct-horse', 'a')
  t.equal(await passwords.verify(somebody, 'correct-horse', 'a'), true)
  const costs = verify().map(({ args }) =>
    String(args[0])
      .match(/m=\d+|t=\d+|p=\d+/g)
      ?.sort(),
  )
  t.strictSame(costs[0], costs[1])
  t.equal(costs.length, 2)
})

t.test('when too many wait for a hash, more are turned away', async (t) => {
  const passwords = createPasswords()
  const outcomes = await Promise.allSettled(
    Array.from({ length: 310 }, () => passwords.verify('$broken', 'x', 'a')),
  )
  const reasons = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason : undefined))
  t.equal(reasons.filter((reason) => reason.kind?.status === 503).length, 310 - 300 - 2)
})

t.test('generated passwords are long and never the same', async (t) => {
  const some = Array.from({ length: 100 }, generatePassword)
  t.equal(new Set(some).size, 100)
  for (const password of some) t.match(password, /^[\w-]{24}$/)
})

t.test('a cheap hash is replaced at the next sign-in, without ending anything', async (t) => {
  const { app, database } = await startWithAdmin(t, {}, { passwordCost: PASSWORD_COST })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const cheap = await argon2.hash(ADMIN.password, { memoryCost: 1024, timeCost: 2, parallelism: 1 })
  await client.query('update account set password_hash = $1', [cheap])
  const before = await signIn(app, ADMIN.username, ADMIN.password)
  const { rows } = await client.query('select password_hash from account')
  t.match(rows[0].password_hash, /m=7168/)
  await Promise.all(Array.from({ length: 5 }, () => signIn(app, ADMIN.username, ADMIN.password)))
  const me = await app.inject({
    url: '/auth/me',
    headers: { authorization: `Bearer ${before.access_token}` },
  })
  t.equal(me.statusCode, 200)
})
