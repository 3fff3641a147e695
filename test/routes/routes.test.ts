// Paths and methods: what is not there is a 404, what is there under another method a 405, for everyone alike.

import { once } from 'node:events'
import { get } from 'node:http'
import { connect } from 'node:net'
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'

t.test('a wrong path is a 404 and a wrong method a 405 with Allow, with a token and without', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const requests = [
    ['POST', '/', 405, 'GET, HEAD'],
    ['GET', '/foo.php', 404],
    ['POST', '/foo.php', 404],
    ['GET', '/.env', 404],
    ['GET', '/.git/config', 404],
    ['GET', '/wp-admin', 404],
    ['PUT', '/wp-admin/x', 404],
    ['GET', '/Student', 404],
    ['GET', '/no%00such', 404],
    ['GET', '/admin', 404],
    ['GET', '/api/v1', 404],
    ['DELETE', '/robots.txt', 405, 'GET, HEAD'],
    ['GET', '/nothing/is/here', 404],
    ['PUT', '/nothing/is/here', 404],
    ['GET', '/docs/static/nothing.js', 404],
    ['GET', '/docs/static/', 404],
    ['PUT', '/docs/static/swagger-ui.css', 405, 'GET, HEAD'],
    ['GET', '/auth', 404],
    ['GET', '/auth/nothing', 404],
    ['GET', '/auth/token', 405, 'POST'],
    ['GET', '/auth/token/', 405, 'POST'],
    ['PUT', '/auth/me', 405, 'GET, HEAD'],
    ['POST', '/auth/users/x', 405, 'DELETE, GET, HEAD, PATCH'],
    ['PATCH', '/schemas', 405, 'GET, HEAD, POST'],
    ['DELETE', '/health/live', 405, 'GET, HEAD'],
    ['GET', '/files/upload', 405, 'POST'],
    ['DELETE', '/files/upload/', 405, 'POST'],
    ['PUT', '/files/upload', 405, 'POST'],
    ['POST', '/files/uploads', 405, 'DELETE, GET, HEAD'],
  ] as const
  for (const [method, url, status, allow] of requests) {
    for (const answer of [await app.inject({ method, url }), await admin(method, url)]) {
      t.equal(answer.statusCode, status, `${method} ${url}`)
      t.equal(answer.headers.allow, allow)
      t.match(answer.headers['content-type'], /^application\/problem\+json/)
    }
  }
  t.equal((await app.inject('/student')).statusCode, 401, 'an entity is not there for everyone')
  t.equal((await admin('GET', '/student')).statusCode, 404)
})

/** The status of a path that is sent as it stands: `inject` and most clients resolve `..` themselves. */
function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent: false }, (answer) => resolve(answer.resume().statusCode)).on('error', reject)
  })
}

t.test('nothing outside the documentation page is there', async (t) => {
  const { app } = await startWithAdmin(t)
  const { port } = new URL(await app.listen({ port: 0 }))
  for (const path of ['/../../package.json', '/%2e%2e/%2e%2e/package.json', '/..%2f..%2fpackage.json'])
    t.equal(await statusOf(Number(port), `/docs/static${path}`), 404, path)
})

t.test('OPTIONS that is no preflight is a method like others, with CORS too', async (t) => {
  const origin = 'https://app.example.com'
  const { app } = await startWithAdmin(t, { CORS_ORIGIN: [origin] })
  for (const headers of [{}, { origin }, { 'access-control-request-method': 'GET' }]) {
    const answer = await app.inject({ method: 'OPTIONS', url: '/student/', headers })
    t.equal(answer.statusCode, 405)
    t.equal(answer.headers.allow, 'DELETE, GET, HEAD, PATCH, POST')
    t.equal(answer.json().code, 'method_not_allowed')
  }
  const headers = { origin, 'access-control-request-method': 'PATCH' }
  const preflight = await app.inject({ method: 'OPTIONS', url: '/student/', headers })
  t.equal(preflight.statusCode, 204)
  t.equal(preflight.headers['access-control-allow-origin'], origin)
})

t.test('what is no HTTP is refused as everything else is', async (t) => {
  const { app } = await startWithAdmin(t)
  const { port } = new URL(await app.listen({ port: 0 }))
  const long = 'x'.repeat(70_000)
  const heads = [
    ['FOO /health/live HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed_request', /method/],
    [
      'GET /health/live HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n',
      400,
      'malformed_request',
      /no HTTP/,
    ],
    ['GET /health/live?city=Köln HTTP/1.1\r\nHost: a\r\n\r\n', 400, 'malformed_request', /percent-encoded/],
    [`GET /health/live?${long} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, 'head_too_large', /longer/],
    [`GET /health/live HTTP/1.1\r\nHost: a\r\nX-Long: ${long}\r\n\r\n`, 431, 'head_too_large', /longer/],
  ] as const
  for (const [head, status, code, detail] of heads) {
    let told = ''
    const socket = connect({ port: Number(port) }, () => socket.write(head))
    // The connection may be reset while the rest of a long head is still on its way.
    socket.on('data', (chunk) => (told += chunk)).on('error', () => {})
    await once(socket, 'close')
    const [answer = '', body = ''] = told.split('\r\n\r\n')
    t.match(answer, `HTTP/1.1 ${status} `)
    t.match(answer, 'content-type: application/problem+json')
    t.match(JSON.parse(body), { status, code, detail, request_id: /./ })
  }
})
