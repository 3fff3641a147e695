// The addresses in answers: paths, unless PUBLIC_URL or a trusted proxy says how clients reach the server.
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Settings } from '../../lib/config.ts'
import { baseOfPrefix } from '../../lib/http/public-base.ts'
import { ADMIN, as, signIn, startWithAdmin } from '../support/app.ts'
import { MULTIPART, multipart } from '../support/files/app.ts'

const THING = { entity_name: 'thing', fields: [{ name: 'name', type: 'string' }] }

/** Every address that answers hold, of requests with these headers. */
async function addresses(app: FastifyInstance, headers: Record<string, string>) {
  const admin = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const send = (method: 'GET' | 'POST', url: string, body?: object | string, more = {}) =>
    admin(method, url, body, { ...headers, ...more })
  const definition = await send('POST', '/schemas', THING)
  const made = [await send('POST', '/thing', { name: 'a' }), await send('POST', '/thing', { name: 'b' })]
  const list = await send('GET', '/thing?limit=1')
  const file = await send('POST', '/files/upload', multipart({ filename: 'a.txt', content: 'a' }), MULTIPART)
  const document = (await send('GET', '/docs/json')).json()
  const open = (await app.inject({ url: '/docs/json', headers })).json()
  const { tokenUrl, refreshUrl } = document.components.securitySchemes.password.flows.password
  const files = (await send('GET', '/files')).json()
  return {
    definition: definition.headers.location,
    record: String(made[0]?.headers.location),
    next: String(list.headers.link),
    file: file.headers.location,
    content: [file.json().url, files[0].url, (await send('GET', `/files/${file.json().id}`)).json().url],
    servers: [document.servers, open.servers],
    tokens: [tokenUrl, refreshUrl],
    page: (await app.inject({ url: '/', headers: { ...headers, accept: 'text/html' } })).headers.location,
    root: (await app.inject({ url: '/', headers })).json(),
  }
}

/** Holds that every address begins with the base. */
async function checkBase(t: Test, app: FastifyInstance, base: string, headers = {}) {
  const found = await addresses(app, headers)
  t.equal(found.definition, `${base}/schemas/thing`)
  t.equal(found.record.replace(/[^/]+$/, ''), `${base}/thing/`)
  t.match(found.next, new RegExp(`^<${base}/thing\\?limit=1&cursor=[^>]+>; rel="next"$`))
  t.ok(found.file?.startsWith(`${base}/files/`))
  for (const url of found.content) t.match(url, new RegExp(`^${base}/files/[0-9a-f-]+/content$`))
  for (const servers of found.servers) t.same(servers, [{ url: base || '/' }])
  t.same(found.tokens, [`${base}/auth/token`, `${base}/auth/token`])
  t.ok(found.page?.startsWith(`${base}/docs`))
  t.match(found.root, { docs: `${base}/docs`, health: `${base}/health/ready` })
}

const PREFIX = { 'x-forwarded-prefix': '/tools/univera' }

const CASES: { name: string; settings: Partial<Settings>; headers?: object; base: string }[] = [
  { name: 'nothing is set', settings: {}, base: '' },
  { name: 'nobody is trusted', settings: {}, headers: PREFIX, base: '' },
  { name: 'the peer is no proxy', settings: { TRUST_PROXY: '10.0.0.1' }, headers: PREFIX, base: '' },
  { name: 'a trusted proxy', settings: { TRUST_PROXY: 'loopback' }, headers: PREFIX, base: '/tools/univera' },
  {
    name: 'so many proxies',
    settings: { TRUST_PROXY: 1 },
    headers: { 'x-forwarded-prefix': '/api/' },
    base: '/api',
  },
  {
    name: 'a prefix that is none',
    settings: { TRUST_PROXY: true },
    headers: { 'x-forwarded-prefix': '//evil.example' },
    base: '',
  },
  {
    name: 'PUBLIC_URL',
    settings: { PUBLIC_URL: 'https://api.example.com' },
    base: 'https://api.example.com',
  },
  {
    name: 'PUBLIC_URL comes first',
    settings: { PUBLIC_URL: 'https://example.com/data/', TRUST_PROXY: true },
    headers: PREFIX,
    base: 'https://example.com/data',
  },
]

for (const { name, settings, headers, base } of CASES) {
  t.test(name, async (t) => {
    const { app } = await startWithAdmin(t, settings)
    await checkBase(t, app, base, headers)
  })
}

t.test('behind a prefix the page is the one whose parts are named relative to it', async (t) => {
  const { app } = await startWithAdmin(t, { TRUST_PROXY: 'loopback' })
  const headers = { 'x-forwarded-prefix': '/api' }
  const page = await app.inject({ url: '/docs', headers })
  t.match(page, { statusCode: 302, headers: { location: '/api/docs/' } })
  t.match((await app.inject({ url: '/', headers })).json(), { docs: '/api/docs/' })
  const followed = await app.inject({ url: '/docs/', headers })
  t.equal(followed.statusCode, 200)
  t.notMatch(followed.body, /(?:src|href)="\//)
  t.equal((await app.inject('/docs')).statusCode, 200)
})

t.test('only a path is a prefix', async (t) => {
  for (const prefix of ['/a', '/a/', '/a/b-c_d.e/%20'])
    t.equal(baseOfPrefix(prefix), prefix.replace(/\/$/, ''))
  const others = [
    '',
    '/',
    'a',
    '//a',
    '/a//b',
    '/../a',
    '/a/..',
    '/a?b',
    '/a#b',
    '/a b',
    '/<a>',
    '/a, /b',
    '/a"',
  ]
  for (const other of others) t.equal(baseOfPrefix(other), '', other)
  t.equal(baseOfPrefix(['/a', '/b']), '')
  t.equal(baseOfPrefix(`/${'a'.repeat(300)}`), '')
})
