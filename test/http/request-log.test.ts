// What the log says of requests: one line for each that is refused, found by the request id that every answer has.
import { once } from 'node:events'
import { connect } from 'node:net'
import { Writable } from 'node:stream'
import type { LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import type { Settings } from '../../lib/config.ts'
import { addUser, as, asAdmin, startWithAdmin } from '../support/app.ts'

type Line = Record<string, unknown>

async function startLogged(test: Test, settings: Partial<Settings> = {}) {
  const lines: Line[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(chunk))
      done()
    },
  })
  const { app } = await startWithAdmin(test, settings, { logger: { level: 'info', stream } })
  const admin = await asAdmin(app)
  const fields = [{ name: 'name', type: 'string', required: true }]
  await admin('POST', '/schemas', { entity_name: 'thing', fields })
  lines.length = 0
  const linesOf = ({ headers }: LightMyRequestResponse) =>
    lines.filter(({ reqId }) => reqId === headers['x-request-id'])
  return { app, admin, lines, linesOf }
}

t.test('a refused request is one line', async (t) => {
  const { app, admin, linesOf } = await startLogged(t)
  const { id, tokens } = await addUser(app, 'alice', 'user')
  const alice = as(app, tokens.access_token)
  const own = { tenant: 'default', user: id }
  const me = (await admin('GET', '/auth/me')).json().id
  const cases: [answer: LightMyRequestResponse, line: Line][] = [
    [
      await app.inject('/thing?name=eq.secret'),
      { method: 'GET', route: '/:entity', url: '/thing?name=eq.***', status: 401, code: 'unauthenticated' },
    ],
    [
      await alice('GET', '/schemas/thing/permissions'),
      { ...own, route: '/schemas/:entity/permissions', status: 403, code: 'forbidden' },
    ],
    [
      await admin('POST', '/thing', { name: 5 }),
      { tenant: 'default', user: me, method: 'POST', status: 400, code: 'invalid_body' },
    ],
    [
      await alice('GET', '/thing/x'),
      { ...own, route: '/:entity/:id', status: 404, code: 'record_not_found' },
    ],
    [await app.inject('/a/b/c/d'), { status: 404, code: 'not_found', url: '/a/b/c/d' }],
    [await app.inject('/%'), { status: 400, code: 'invalid_parameter' }],
    [
      await app.inject({ method: 'PUT', url: '/health/live' }),
      { status: 405, code: 'method_not_allowed', route: '/health/live' },
    ],
    [
      await alice('PUT', '/thing/'),
      { ...own, status: 405, code: 'method_not_allowed', route: '/:entity', url: '/thing/' },
    ],
    [await alice('GET', '/thing/x/y/z'), { ...own, status: 404, code: 'not_found' }],
    [
      await app.inject({ method: 'PUT', url: '/thing', headers: { authorization: 'Bearer x' } }),
      { status: 405, code: 'method_not_allowed' },
    ],
  ]
  for (const [answer, expected] of cases) {
    const found = linesOf(answer)
    t.equal(answer.json().request_id, answer.headers['x-request-id'])
    t.equal(found.length, 1, JSON.stringify(expected))
    t.match(found[0], { ...expected, msg: 'request refused', level: 30 })
    if (expected.code !== 'invalid_parameter') t.ok(Number(found[0]?.ms) > 0, 'milliseconds in total')
    t.ok(
      Number(found[0]?.db_ms) >= 0 && Number(found[0]?.db_ms) <= Number(found[0]?.ms),
      'and in the database',
    )
    t.notMatch(JSON.stringify(found), /secret/, 'values are not logged')
  }
})

t.test('time in the database is counted', async (t) => {
  const { admin, linesOf } = await startLogged(t)
  const missing = '/thing/01980000-0000-7000-8000-000000000000'
  for (const answer of [
    await admin('GET', missing),
    await admin('DELETE', missing),
    await admin('DELETE', '/schemas/nosuch'),
  ])
    t.ok(Number(linesOf(answer)[0]?.db_ms) > 0, JSON.stringify(linesOf(answer)))
})

t.test('of signing in, too, and its tenant is named', async (t) => {
  const { app, linesOf } = await startLogged(t)
  const post = (payload: object) => app.inject({ method: 'POST', url: '/auth/token', payload })
  const line = { method: 'POST', route: '/auth/token' }
  const { tokens } = await addUser(app, 'alice', 'user')
  for (const payload of [
    { username: 'alice', password: 'wrong' },
    { username: 'nobody', password: 'wrong' },
    { grant_type: 'refresh_token', refresh_token: `${tokens.refresh_token.slice(0, -4)}AAAA` },
  ]) {
    const answer = await post(payload)
    const [found] = linesOf(answer)
    t.match(found, { ...line, tenant: 'default', status: answer.statusCode }, JSON.stringify(payload))
    t.ok(answer.statusCode >= 400 && Number(found?.db_ms) > 0)
    t.notMatch(JSON.stringify(found), /wrong|alice/)
  }
  const elsewhere = linesOf(await post({ username: 'nosuch/bob', password: 'wrong' }))[0]
  t.ok(elsewhere !== undefined && elsewhere.tenant === undefined, 'a tenant that does not exist is not named')
})

t.test('a failure is one line as well, with its reason', async (t) => {
  const { app, linesOf } = await startLogged(t)
  const failing = app.directory as unknown as { ping: () => Promise<void> }
  for (const [error, status, level] of [
    [new TypeError('a mistake'), 500, 50],
    [Object.assign(new Error('lost'), { code: 'ECONNRESET' }), 503, 40],
  ] as const) {
    failing.ping = async () => {
      throw error
    }
    const answer = await app.inject('/health/ready')
    t.equal(answer.statusCode, status)
    t.notMatch(answer.body, error.message)
    t.equal(linesOf(answer).length, 1)
    t.match(linesOf(answer)[0], { level, status, route: '/health/ready', err: { message: error.message } })
  }
})

t.test('a request that is served has a line by LOG_REQUESTS alone', async (t) => {
  const quiet = await startLogged(t)
  t.same(quiet.linesOf(await quiet.admin('GET', '/thing')), [])
  const { admin, linesOf } = await startLogged(t, { LOG_REQUESTS: true })
  for (const [answer, status] of [
    [await admin('POST', '/thing', { name: 'a' }), 201],
    [await admin('GET', '/thing?name=eq.secret', undefined, { accept: 'text/csv' }), 200],
  ] as const) {
    t.equal(answer.statusCode, status, answer.body)
    t.match(linesOf(answer), [{ tenant: 'default', route: '/:entity', status, msg: 'request served' }])
    t.ok(Number(linesOf(answer)[0]?.db_ms) > 0)
    t.notMatch(JSON.stringify(linesOf(answer)), /secret/)
  }
  t.equal(linesOf(await admin('GET', '/nosuch')).length, 1, 'a refusal has no second one')
})

t.test('every answer has its request id', async (t) => {
  const { app, admin, lines } = await startLogged(t, { CORS_ORIGIN: ['*'] })
  const made = await admin('POST', '/thing', { name: 'a' })
  const url = `/thing/${made.json().id}`
  const preflight = { origin: 'https://a.example', 'access-control-request-method': 'GET' }
  const answers = [
    made,
    await admin('GET', url, undefined, { 'if-none-match': String(made.headers.etag) }),
    await admin('HEAD', url),
    await admin('GET', '/thing', undefined, { accept: 'application/x-ndjson' }),
    await admin('DELETE', url),
    await app.inject('/docs'),
    await app.inject('/docs/json'),
    await app.inject('/docs/static/swagger-ui.css'),
    await app.inject('/health/live'),
    await app.inject('/%'),
    await app.inject({ method: 'OPTIONS', url: '/thing', headers: preflight }),
  ]
  t.same(
    answers.map(({ statusCode }) => statusCode),
    [201, 304, 200, 200, 204, 200, 200, 200, 200, 400, 204],
  )
  const ids = answers.map(({ headers }) => String(headers['x-request-id']))
  for (const id of ids) t.match(id, /^[0-9a-f]{8}-[0-9a-f-]{27}$/)
  t.equal(new Set(ids).size, answers.length)

  const { port } = new URL(await app.listen({ port: 0 }))
  const socket = connect({ port: Number(port) }, () => socket.write('FOO / HTTP/1.1\r\nHost: a\r\n\r\n'))
  let told = ''
  socket.on('data', (chunk) => (told += chunk)).on('error', () => {})
  await once(socket, 'close')
  const [, id] = /\r\nx-request-id: (\S+)\r\n/.exec(told) ?? []
  t.match(JSON.parse(told.split('\r\n\r\n')[1] ?? ''), { request_id: id })
  t.match(lines.at(-1), { reqId: id, status: 400, code: 'malformed_request' })
})
