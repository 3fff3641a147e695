// Imports over a connection: what a slow client, one that goes away, many at once and a change of the schema do to them.

import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { type ClientRequest, request as open } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { ADMIN, FILE_STORAGE_PATH, signIn } from '../support/app.ts'
import { CSV, STUDENT, startStudents } from '../support/import/students.ts'
import { until, untilSteady } from '../support/until.ts'

const SPOOLS = join(FILE_STORAGE_PATH, '.spool')

async function listen(app: FastifyInstance) {
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.server.closeAllConnections())
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const headers = { authorization: `Bearer ${access_token}`, ...CSV }
  const { port } = app.server.address() as AddressInfo
  return (more: object = {}): ClientRequest =>
    open({ port, path: '/student/', method: 'POST', headers: { ...headers, ...more } })
}

/** The answer's status and body; the body so far when the connection ends. */
async function answerOf(request: ClientRequest): Promise<{ status: number; body: string }> {
  const [response] = await once(request, 'response')
  let body = ''
  for await (const piece of response.setEncoding('utf8')) body += piece
  return { status: response.statusCode, body }
}

const busy = ({ pg: { pool } }: FastifyInstance) => pool.totalCount - pool.idleCount

/** Files of this process that are open and have no name any more. */
async function openSpools(): Promise<number> {
  const { readlink } = await import('node:fs/promises')
  const links = await readdir('/proc/self/fd').catch(() => [])
  const paths = await Promise.all(links.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
  return paths.filter((path) => path.startsWith(SPOOLS)).length
}

const lines = (count: number) => Array.from({ length: count }, (_, n) => `n${n},${n}\n`).join('')

const skip = process.platform === 'linux' ? false : 'the open files are counted in /proc'

t.test('an import over a connection', { skip }, async (t) => {
  const { app, send, count } = await startStudents(t, { UPLOAD_LIMIT: 2_000_000 })
  const begin = await listen(app)

  await t.test('a slow client holds no connection of the database', async (t) => {
    const request = begin()
    request.write('name,age\nn')
    t.ok(await until(async () => (await openSpools()) === 1))
    request.write('0,0\nn1,"')
    t.equal(await untilSteady(() => busy(app)), 0)
    request.end('1"\n')
    t.match(await answerOf(request), { status: 201, body: /"name":"n1","age":1/ })
    t.equal(await count(), 2)
    t.ok(await until(async () => (await openSpools()) === 0))
    t.same(await readdir(SPOOLS), [], 'a spool has no name')
  })

  await t.test('one that goes away in the middle leaves nothing', async (t) => {
    const before = await count()
    const request = begin()
    request.on('error', () => {})
    request.write(`name,age\n${lines(5000)}`)
    t.ok(await until(async () => (await openSpools()) === 1))
    request.destroy()
    t.ok(await until(async () => (await openSpools()) === 0))
    t.equal(busy(app), 0)
    t.equal(await count(), before)
  })

  await t.test('nor does one that goes away before it has the answer', async (t) => {
    const before = await count()
    const request = begin()
    request.on('error', () => {})
    request.end(`name,age\n${lines(100_000)}`)
    t.ok(await until(() => busy(app) === 1))
    request.destroy()
    t.ok(await until(async () => busy(app) === 0 && (await openSpools()) === 0))
    t.equal(await count(), before)
  })

  await t.test('past the limit it is told so, whether it has said its size or not', async (t) => {
    const chunked = begin()
    chunked.on('error', () => {})
    chunked.end(`name,age\n${lines(200_000)}`)
    t.match(await answerOf(chunked), { status: 413 })
    const sized = begin({ 'content-length': 3_000_000 })
    sized.on('error', () => {})
    sized.flushHeaders()
    t.match(await answerOf(sized), { status: 413 })
    sized.destroy()
    t.ok(await until(async () => (await openSpools()) === 0))
  })

  await t.test('a change of the schema while it arrives is heeded', async (t) => {
    const request = begin()
    request.write('name,colour\nn1,red\n')
    t.ok(await until(async () => (await openSpools()) === 1))
    const fields = [...STUDENT.fields, { name: 'colour', type: 'string' }]
    t.equal((await send('PUT', '/schemas/student', { ...STUDENT, fields })).statusCode, 200)
    request.end()
    t.match(await answerOf(request), { status: 201, body: /"colour":"red"/ })
  })

  await t.test('a few run at once, the others wait, and everybody else is served', async (t) => {
    const before = await count()
    const requests = Array.from({ length: 8 }, () => begin({ prefer: 'return=minimal' }))
    for (const request of requests) request.end(`name,age\n${lines(3000)}`)
    const answers = Promise.all(requests.map(answerOf))
    t.ok(await until(() => busy(app) > 0))
    t.ok(busy(app) <= 4)
    t.equal((await send('GET', '/student?limit=1')).statusCode, 200)
    t.same(
      (await answers).map(({ status }) => status),
      Array(8).fill(201),
    )
    t.equal(await count(), before + 24_000)
  })

  await t.test('who takes no answer is not sent more than the sockets hold', async (t) => {
    const request = begin()
    request.end(`name,age\n${lines(100_000)}`)
    const [response] = await once(request, 'response')
    response.pause()
    t.equal(response.statusCode, 201)
    t.ok(await until(() => busy(app) === 0))
    t.equal(await openSpools(), 2, 'the rest of the answer waits in its file')
    let rows = 0
    for await (const piece of response) rows += piece.toString('latin1').split('"id"').length - 1
    t.equal(rows > 99_000, true)
    t.ok(await until(async () => (await openSpools()) === 0))
  })
})
