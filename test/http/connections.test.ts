// Sockets of clients that mean no good: too many, too slow to send, not reading. Each is cut, and nobody else notices.
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Settings } from '../../lib/config.ts'
import config from '../../plugins/config.ts'
import connections, { type ConnectionsOptions } from '../../plugins/connections.ts'
import errors, { sendUnreadable } from '../../plugins/errors.ts'
import metrics from '../../plugins/metrics.ts'
import proxies from '../../plugins/proxies.ts'
import slowReaders, { type SlowReadersOptions } from '../../plugins/slow-readers.ts'
import { until } from '../support/until.ts'

const MEBIBYTE = 2 ** 20
const LIMITS = { MAX_CONNECTIONS: 6, MAX_CONNECTIONS_PER_ADDRESS: 3, TRUST_PROXY: false }

async function start(
  test: Test,
  options: ConnectionsOptions & SlowReadersOptions = {},
  limits: Partial<Settings> = {},
) {
  const app = Fastify({ clientErrorHandler: sendUnreadable })
  await app.register(config, { settings: { ...LIMITS, ...limits } as Settings })
  await app.register(metrics)
  await app.register(errors)
  await app.register(proxies)
  await app.register(connections, options)
  await app.register(slowReaders, options)
  app.decorateRequest('caller', null as never)
  app.get('/short', async () => 'ok')
  app.get('/long', async () => 'a'.repeat(24 * MEBIBYTE))
  app.post('/', async ({ body }) => ({ length: JSON.stringify(body).length }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  test.teardown(() => app.close())
  return app
}

function open(test: Test, app: FastifyInstance): Socket {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  test.teardown(() => socket.destroy())
  return socket
}

async function ask(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)
  const [data] = await once(socket, 'data')
  return String(data)
}

t.test('an address has only so many connections; each that closes leaves its place', async (t) => {
  const app = await start(t)
  const sockets = [open(t, app), open(t, app), open(t, app)]
  for (const socket of sockets) t.match(await ask(socket, '/short'), /^HTTP\/1\.1 200/)
  const beyond = open(t, app)
  const [answer] = await once(beyond, 'data')
  t.match(String(answer), /^HTTP\/1\.1 503[\s\S]*application\/problem\+json[\s\S]*"code":"unavailable"/)
  await once(beyond, 'close')
  sockets[0]?.destroy()
  const again = async (): Promise<string> => {
    const text = await ask(open(t, app), '/short').catch(() => '')
    return text.startsWith('HTTP/1.1 200') ? text : again()
  }
  t.match(await again(), /^HTTP\/1\.1 200/)
})

t.test('behind a proxy the cap of an address is none', async (t) => {
  const app = await start(t, {}, { TRUST_PROXY: 'loopback' })
  for (let n = 0; n < 6; n++) t.match(await ask(open(t, app), '/short'), /^HTTP\/1\.1 200/)
  const [answer] = await once(open(t, app), 'data')
  t.match(String(answer), /^HTTP\/1\.1 503/, 'but that of all is')
})

t.test('a body that trickles in is cut with 408', async (t) => {
  const app = await start(t, { sweep: 20, receiving: { window: 100, least: 1000 } })
  const socket = open(t, app)
  socket.write(
    'POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n"',
  )
  const trickle = setInterval(() => socket.write('a'), 10)
  t.teardown(() => clearInterval(trickle))
  const [answer] = await once(socket, 'data')
  t.match(String(answer), /^HTTP\/1\.1 408[\s\S]*"code":"request_timeout"/)
  await once(socket, 'close')
})

t.test('an answer that nobody reads is cut, and its bytes are free again', async (t) => {
  const waiting = { all: 60 * MEBIBYTE, tenant: 30 * MEBIBYTE }
  const app = await start(t, { sweep: 20, sending: { window: 500, least: 1 }, waiting })
  const deaf = open(t, app)
  deaf.pause()
  deaf.write('GET /long HTTP/1.1\r\nhost: x\r\n\r\n')
  const answered = async (): Promise<number> => {
    const answer = await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/long`)
    await answer.arrayBuffer()
    return answer.status
  }
  const untilAnswered = async (status: number): Promise<void> => {
    while ((await answered()) !== status);
  }
  await untilAnswered(503)
  t.pass('while it waits there is no room for another')
  await untilAnswered(200)
  t.pass('then there is')
  let length = 0
  for await (const chunk of deaf) length += (chunk as Buffer).length
  t.ok(length < 24 * MEBIBYTE, 'since it was cut')
})

t.test('answers that wait behind an unread one are free again when their connection ends', async (t) => {
  const waiting = { all: 200 * MEBIBYTE, tenant: 100 * MEBIBYTE }
  const app = await start(t, { waiting })
  const deaf = open(t, app)
  deaf.pause()
  deaf.write('GET /long HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(4))
  const { port } = app.server.address() as AddressInfo
  const answered = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/long`)
    await answer.arrayBuffer()
    return answer.status
  }
  await until(async () => (await answered()) === 503)
  deaf.destroy()
  t.ok(await until(async () => (await answered()) === 200))
})

t.test('an answer that is read slowly arrives whole', async (t) => {
  const app = await start(t, { sweep: 20, sending: { window: 1000, least: 1 } })
  const socket = open(t, app)
  socket.write('GET /long HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  let length = 0
  for await (const chunk of socket) {
    length += (chunk as Buffer).length
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  t.ok(length > 24 * MEBIBYTE)
})
