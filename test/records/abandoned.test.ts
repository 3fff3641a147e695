// A long write whose client has gone stops and leaves nothing.

import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { ADMIN, asAdmin, signIn, startWithAdmin } from '../support/app.ts'
import { onStatements } from '../support/sent-statements.ts'
import { until, untilSteady } from '../support/until.ts'

interface Sent {
  method: string
  url: string
  body: string
  prefer?: string
}

/** Sends a request over a connection that the client closes as soon as a statement with this text is sent. */
async function abandonAt(
  t: Test,
  app: FastifyInstance,
  text: string,
  { method, url, body, prefer = '' }: Sent,
) {
  const { access_token: token } = await signIn(app, ADMIN.username, ADMIN.password)
  const { port } = app.server.address() as AddressInfo
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  let isGone = false
  let statements = 0
  onStatements(t, (sent) => {
    statements += sent.length
    if (!isGone && sent.some((one) => one.text?.includes(text))) {
      isGone = true
      socket.destroy()
    }
  })
  socket.write(
    `${method} ${url} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nPrefer: ${prefer}\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  await until(() => isGone, `a statement with ${text}`)
  await untilSteady(() => statements)
}

t.test('a read that nobody awaits is cancelled', async (t) => {
  const { app, database } = await startWithAdmin(t, { STATEMENT_TIMEOUT: 300_000 })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const send = await asAdmin(app)
  await send('POST', '/schemas', { entity_name: 'thing', fields: [{ name: 'n', type: 'integer' }] })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const waiting = async () => {
    const text = `select count(*)::int as n from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    return (await client.query<{ n: number }>(text)).rows[0]?.n
  }
  await client.query('begin; lock table record in access exclusive mode')
  const { access_token: token } = await signIn(app, ADMIN.username, ADMIN.password)
  for (const path of ['/thing?n=eq.1', '/thing?n=eq.1&select=n,count()']) {
    const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`)
    await until(async () => (await waiting()) === 1)
    socket.destroy()
    t.ok(await until(async () => (await waiting()) === 0), path)
  }
  await client.query('rollback')
  t.equal((await send('GET', '/thing?n=eq.1')).statusCode, 200)
})

t.test('work that nobody awaits', async (t) => {
  const { app } = await startWithAdmin(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const send = await asAdmin(app)
  const definition = {
    entity_name: 'thing',
    fields: [
      { name: 'n', type: 'integer' },
      { name: 'code', type: 'string', unique: true },
      { name: 'other', type: 'relation', entity: 'thing' },
    ],
  }
  await send('POST', '/schemas', definition)
  const rows = (from: number, to: number) =>
    JSON.stringify(Array.from({ length: to - from }, (_, at) => ({ n: 1, code: `c${from + at}` })))
  const count = async (filter = '') => {
    const { headers } = await send('HEAD', `/thing?${filter}`, undefined, { prefer: 'count=exact' })
    return Number(String(headers['content-range']).split('/')[1])
  }
  const post = (prefer: string): Sent => ({ method: 'POST', url: '/thing', body: rows(0, 9000), prefer })

  await t.test('creates, merges and partial creates', async (t) => {
    for (const prefer of ['', 'bulk=partial', 'resolution=merge-duplicates', 'tx=rollback']) {
      await abandonAt(t, app, 'savepoint attempt', post(prefer))
      t.equal(await count(), 0, prefer)
    }
  })

  await t.test('a change of many by filter, and of the schema', async (t) => {
    const created = await send('POST', '/thing', rows(0, 3000), { 'content-type': 'application/json' })
    const [{ id }] = created.json()
    const patch = { method: 'PATCH', url: '/thing?id=not.is.null', body: JSON.stringify({ other: id }) }
    await abandonAt(t, app, 'order by r.id', patch)
    t.equal(await count('other=not.is.null'), 0)
    const fields = [{ name: 'n', type: 'decimal' }, ...definition.fields.slice(1)]
    const put = { method: 'PUT', url: '/schemas/thing', body: JSON.stringify({ ...definition, fields }) }
    await abandonAt(t, app, 'jsonb_build_object', put)
    t.equal((await send('GET', '/schemas/thing')).json().fields[0].type, 'integer')
  })

  t.equal(app.pg.pool.waitingCount, 0)
  t.equal((await send('POST', '/thing', { n: 5 })).statusCode, 201)
})
