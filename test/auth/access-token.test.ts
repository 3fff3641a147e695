// Access tokens: only what we signed, unaltered, in time, by HS256, of a session that goes on.
import { createHmac } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

import t, { type Test } from 'tap'
import { ADMIN, as, signIn, startApp, startWithAdmin } from '../support/app.ts'
import { MovableClock } from '../support/clock.ts'

const SECRET = 'a secret for tests only, 32 bytes and more'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

function sign(header: object, claims: object, secret = SECRET, hash = 'sha256'): string {
  const input = `${encode(header)}.${encode(claims)}`
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`
}

async function statusOf(t: Test, app: FastifyInstance, authorization: string): Promise<number> {
  const answer = await app.inject({ url: '/auth/me', headers: { authorization } })
  if (answer.statusCode === 401) t.equal(answer.headers['www-authenticate'], 'Bearer')
  return answer.statusCode
}

t.test('a token that is not exactly what was signed is worth nothing', async (t) => {
  const { app } = await startWithAdmin(t)
  const { access_token: token } = await signIn(app, ADMIN.username, ADMIN.password)
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const hs256 = { alg: 'HS256', typ: 'JWT' }
  t.equal(await statusOf(t, app, `Bearer ${token}`), 200)
  t.equal(await statusOf(t, app, `bearer ${token}`), 200)
  t.equal(await statusOf(t, app, `Bearer ${sign(hs256, claims)}`), 200, 'the forger knows how')
  const forgeries = {
    'algorithm none': `${encode({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    'algorithm none with a signature': `${encode({ alg: 'none' })}.${payload}.${signature}`,
    'another algorithm': sign({ alg: 'HS512', typ: 'JWT' }, claims, SECRET, 'sha512'),
    'another secret': sign(hs256, claims, 'another secret that is 32 bytes long, or more'),
    'no signature': `${header}.${payload}.`,
    'another payload': `${header}.${encode({ ...claims, sub: claims.tid })}.${signature}`,
    expired: sign(hs256, { ...claims, exp: Math.floor(Date.now() / 1000) - 1 }),
    'without an end': sign(hs256, { ...claims, exp: undefined }),
    'without a session': sign(hs256, { ...claims, sid: undefined }),
    'of another session': sign(hs256, { ...claims, sid: claims.sub }),
    'of another account': sign(hs256, { ...claims, sub: claims.sid }),
    'of another tenant': sign(hs256, { ...claims, tid: claims.sub }),
    'with an id that is none': sign(hs256, { ...claims, sub: "'" }),
    'not JSON': `${header}.${Buffer.from('x').toString('base64url')}.${signature}`,
    nothing: '',
    dots: '..',
    'a list': sign(hs256, [claims]),
  }
  for (const [name, forged] of Object.entries(forgeries))
    t.equal(await statusOf(t, app, `Bearer ${forged}`), 401, name)
  for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') {
    const altered = token.slice(0, -1) + last
    if (altered !== token) t.equal(await statusOf(t, app, `Bearer ${altered}`), 401, 'the last character')
  }
  for (const other of [token, `Basic ${token}`, `Bearer ${token} ${token}`, `Bearer\t${token}`, 'Bearer', ''])
    t.equal(await statusOf(t, app, other), 401)
})

t.test('a token ends in time, although it was verified before', async (t) => {
  const clock = new MovableClock()
  const { app } = await startWithAdmin(t, { ACCESS_TOKEN_TTL: 600 }, { clock })
  const { access_token: token, expires_in } = await signIn(app, ADMIN.username, ADMIN.password)
  t.equal(expires_in, 600)
  t.equal(await statusOf(t, app, `Bearer ${token}`), 200)
  clock.move(300_000)
  t.equal(await statusOf(t, app, `Bearer ${token}`), 200, 'half of its time is over')
  const later = (await signIn(app, ADMIN.username, ADMIN.password)).access_token
  clock.move(300_000)
  t.equal(await statusOf(t, app, `Bearer ${token}`), 401)
  const detailOf = async (text: string) => (await as(app, text)('GET', '/auth/me')).json().detail
  t.match(await detailOf(token), /has expired/, 'it is said why')
  t.notMatch(await detailOf(`${token}x`), /expired/, 'not of what we have not signed')
  t.equal(await statusOf(t, app, `Bearer ${later}`), 200, 'each by the time it was issued at')
  clock.move(300_000)
  t.equal(await statusOf(t, app, `Bearer ${later}`), 401)
})

t.test('revoking either token ends both; revoking anything else is no error', async (t) => {
  const { app } = await startWithAdmin(t)
  const revoke = (token: string) => app.inject({ method: 'POST', url: '/auth/revoke', payload: { token } })
  const refresh = (refresh_token: string) =>
    app.inject({
      method: 'POST',
      url: '/auth/token',
      payload: { grant_type: 'refresh_token', refresh_token },
    })
  const stays = await signIn(app, ADMIN.username, ADMIN.password)
  for (const kind of ['access_token', 'refresh_token'] as const) {
    const tokens = await signIn(app, ADMIN.username, ADMIN.password)
    t.equal(await statusOf(t, app, `Bearer ${tokens.access_token}`), 200)
    t.strictSame(
      [(await revoke(tokens[kind])).statusCode, (await revoke(tokens[kind])).statusCode],
      [200, 200],
    )
    t.equal(await statusOf(t, app, `Bearer ${tokens.access_token}`), 401)
    t.equal((await refresh(tokens.refresh_token)).statusCode, 401)
  }
  const altered = `${stays.refresh_token.slice(0, -2)}AA`
  for (const token of ['', 'x', 'uvr_', altered, `${stays.access_token}x`])
    t.equal((await revoke(token)).statusCode, 200)
  t.equal(await statusOf(t, app, `Bearer ${stays.access_token}`), 200)
  t.equal((await refresh(stays.refresh_token)).statusCode, 200)
  t.equal((await app.inject({ method: 'POST', url: '/auth/revoke', payload: {} })).statusCode, 400)
  const form = await app.inject({
    method: 'POST',
    url: '/auth/revoke',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `token=${stays.access_token}&token_type_hint=access_token`,
  })
  t.equal(form.statusCode, 200)
  t.equal((await as(app, stays.access_token)('GET', '/auth/me')).statusCode, 401)
})

t.test('a key that is being replaced still verifies, and signs no more', async (t) => {
  const { app: before, database } = await startWithAdmin(t)
  const old = await signIn(before, ADMIN.username, ADMIN.password)
  const next = { SECRET_KEY: 'the next secret for tests, 32 bytes and more' }
  const during = await startApp(t, database, { ...next, SECRET_KEY_PREVIOUS: SECRET })
  t.equal(await statusOf(t, during, `Bearer ${old.access_token}`), 200)
  const fresh = await signIn(during, ADMIN.username, ADMIN.password)
  t.equal(await statusOf(t, during, `Bearer ${fresh.access_token}`), 200)
  t.equal(await statusOf(t, before, `Bearer ${fresh.access_token}`), 401, 'signed with the next key')
  const after = await startApp(t, database, next)
  t.equal(await statusOf(t, after, `Bearer ${old.access_token}`), 401)
  t.equal(await statusOf(t, after, `Bearer ${fresh.access_token}`), 200)
})
