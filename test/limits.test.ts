// Requests per address: what counts, whose X-Forwarded-For is believed, and what every answer tells browsers.
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { ADMIN, asAdmin, startWithAdmin } from './support/app.ts'

const CLIENT = '203.0.113.7'

const PROXY = '10.0.0.1'

const get = (app: FastifyInstance, url: string, remoteAddress: string, forwarded?: string) =>
  app.inject({
    url,
    remoteAddress,
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  })

t.test('every request of an address counts, also for paths that nothing serves', async (t) => {
  const { app } = await startWithAdmin(t, { RATE_LIMIT: 6 })
  const paths = ['/health/live', '/nothing', '/a/b/c/d', '/student', '/auth/nothing', '/docs/json']
  for (const url of paths) t.not((await get(app, url, CLIENT)).statusCode, 429, url)
  for (const url of [...paths, '/a/b/c']) {
    const answer = await get(app, url, CLIENT)
    t.match([answer.statusCode, answer.json().code], [429, 'too_many_requests'], url)
    const seconds = Number(answer.headers['retry-after'])
    t.ok(seconds > 0 && seconds <= 60, 'Retry-After')
  }
  t.equal((await get(app, '/health/live', '203.0.113.8')).statusCode, 200, 'another address')
})

t.test('without TRUST_PROXY a forged X-Forwarded-For changes nothing', async (t) => {
  const { app } = await startWithAdmin(t, { RATE_LIMIT: 3 })
  const statuses = []
  for (let n = 0; n < 5; n++)
    statuses.push((await get(app, '/health/live', CLIENT, `198.51.100.${n}`)).statusCode)
  t.strictSame(statuses, [200, 200, 200, 429, 429])
})

const TRUST = [
  { TRUST_PROXY: PROXY, peer: PROXY, forwarded: CLIENT, counts: CLIENT },
  { TRUST_PROXY: '10.0.0.0/8,loopback', peer: PROXY, forwarded: CLIENT, counts: CLIENT },
  // What the client has written itself stands before what the proxy has added.
  { TRUST_PROXY: PROXY, peer: PROXY, forwarded: `1.2.3.4, ${CLIENT}`, counts: CLIENT },
  { TRUST_PROXY: PROXY, peer: CLIENT, forwarded: '1.2.3.4', counts: CLIENT },
  { TRUST_PROXY: 1, peer: PROXY, forwarded: `1.2.3.4, ${CLIENT}`, counts: CLIENT },
  { TRUST_PROXY: 2, peer: PROXY, forwarded: `1.2.3.4, ${CLIENT}, 10.0.0.2`, counts: CLIENT },
  { TRUST_PROXY: 0, peer: PROXY, forwarded: CLIENT, counts: PROXY },
  { TRUST_PROXY: true, peer: PROXY, forwarded: `${CLIENT}, 10.0.0.2`, counts: CLIENT },
  { TRUST_PROXY: false, peer: PROXY, forwarded: CLIENT, counts: PROXY },
]

for (const { TRUST_PROXY, peer, forwarded, counts } of TRUST) {
  t.test(`TRUST_PROXY=${TRUST_PROXY}: ${peer} for ${forwarded} counts as ${counts}`, async (t) => {
    const { app } = await startWithAdmin(t, { RATE_LIMIT: 1, TRUST_PROXY })
    t.equal((await get(app, '/health/live', peer, forwarded)).statusCode, 200)
    t.equal((await get(app, '/health/live', counts)).statusCode, 429)
    t.equal((await get(app, '/health/live', '198.51.100.1')).statusCode, 200)
  })
}

t.test('failed sign-ins count for the address of the client, not for what he writes', async (t) => {
  const { app } = await startWithAdmin(t)
  const guess = (n: number) =>
    app.inject({
      method: 'POST',
      url: '/auth/token',
      remoteAddress: CLIENT,
      headers: { 'x-forwarded-for': `198.51.100.${n}` },
      payload: { username: `nobody${n}`, password: 'wrong password' },
    })
  for (let n = 0; n < 60; n++) t.equal((await guess(n)).statusCode, 401)
  const refused = await guess(61)
  t.equal(refused.statusCode, 429)
  t.ok(Number(refused.headers['retry-after']) > 0)
})

t.test('every answer carries the headers that protect browsers', async (t) => {
  const { app } = await startWithAdmin(t, { CORS_ORIGIN: ['https://app.example.com'] })
  const admin = await asAdmin(app)
  for (const answer of [
    await admin('GET', '/auth/me'),
    await admin('GET', '/student'),
    await app.inject('/nothing'),
    await app.inject('/docs'),
    await app.inject({
      method: 'POST',
      url: '/auth/token',
      payload: { ...ADMIN, password: 'wrong password' },
    }),
  ]) {
    t.equal(answer.headers['x-content-type-options'], 'nosniff')
    t.equal(answer.headers['x-frame-options'], 'SAMEORIGIN')
    t.equal(answer.headers['referrer-policy'], 'no-referrer')
    t.match(answer.headers['strict-transport-security'], /^max-age=\d{7,}$/, 'subdomains are not spoken for')
    t.notOk('x-powered-by' in answer.headers)
  }
})

t.test('HSTS_SUBDOMAINS speaks for subdomains, too', async (t) => {
  const { app } = await startWithAdmin(t, { HSTS_SUBDOMAINS: true })
  const { headers } = await app.inject('/health/live')
  t.match(headers['strict-transport-security'], /^max-age=\d{7,}; includeSubDomains$/)
})

t.test('CORS_ORIGIN=* lets any origin in, without credentials', async (t) => {
  const { app } = await startWithAdmin(t, { CORS_ORIGIN: ['*'] })
  for (const origin of ['https://a.example', 'http://localhost:3000', 'null']) {
    const { headers } = await app.inject({ url: '/health/live', headers: { origin } })
    t.equal(headers['access-control-allow-origin'], '*')
    t.notOk('access-control-allow-credentials' in headers)
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/student',
      headers: {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,prefer',
      },
    })
    t.equal(preflight.statusCode, 204)
    t.equal(preflight.headers['access-control-allow-origin'], '*')
    t.match(preflight.headers['access-control-allow-headers'], /authorization/)
  }
})

t.test('other origins than those of CORS_ORIGIN are told nothing', async (t) => {
  const { app } = await startWithAdmin(t, { CORS_ORIGIN: ['https://app.example.com'] })
  const ask = async (origin: string) =>
    (await app.inject({ url: '/health/live', headers: { origin } })).headers
  const known = await ask('https://app.example.com')
  t.equal(known['access-control-allow-origin'], 'https://app.example.com')
  t.match(known['access-control-expose-headers'], /Content-Range, ETag, Location, Link, Preference-Applied/)
  t.match(known.vary, /Origin/)
  for (const origin of [
    'https://app.example.com.evil.org',
    'http://app.example.com',
    'null',
    'https://x.org',
  ])
    t.notOk('access-control-allow-origin' in (await ask(origin)), origin)
  const { app: closed } = await startWithAdmin(t)
  const headers = { origin: 'https://app.example.com' }
  t.notOk('access-control-allow-origin' in (await closed.inject({ url: '/health/live', headers })).headers)
})

t.test('a request that never ends to arrive is ended', async (t) => {
  const { app } = await startWithAdmin(t)
  const { headersTimeout, requestTimeout } = app.server
  t.ok(headersTimeout > 0 && headersTimeout <= 60_000, 'its head')
  t.ok(requestTimeout > headersTimeout && requestTimeout <= 3_600_000, 'its body')
})
