// 401, 403 and 404 of records come before the body: it is neither waited for nor parsed, whatever it holds.

import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { addUser, as, asAdmin, startApp, startWithAdmin } from '../support/app.ts'

const NOTE = { entity_name: 'note', fields: [{ name: 'title', type: 'string' }] }

const MIB = 1_048_576

const ID = '01980000-0000-7000-8000-000000000000'

async function start(t: Test) {
  const { app, database } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', NOTE)
  await admin('PUT', '/schemas/note/permissions/user', { read: true })
  const { access_token: token } = (await addUser(app, 'reader', 'user')).tokens
  return { app, database, admin, token }
}

/** Sends the head of a request and one byte of its body; what it is answered. */
async function sendHead(
  app: FastifyInstance,
  options: { method: string; path: string; headers: Record<string, string | number> },
): Promise<{ status: number | undefined; code: string }> {
  const { port } = app.server.address() as AddressInfo
  const sent: ClientRequest = request({ port, host: '127.0.0.1', ...options })
  sent.on('error', () => {})
  sent.write('{')
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const body = (await answer.toArray()).join('')
  sent.destroy()
  return { status: answer.statusCode, code: JSON.parse(body).code }
}

const TYPES = ['application/json', 'text/csv', 'application/x-ndjson', 'image/png', 'nonsense']

t.test('nobody waits for the body of a request that is refused anyway', async (t) => {
  const { app, token } = await start(t)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const authorization = `Bearer ${token}`
  const writes = [
    ['POST', '/note'],
    ['PATCH', '/note?id=not.is.null'],
    ['DELETE', '/note?id=not.is.null'],
    ['PUT', `/note/${ID}`],
    ['PATCH', `/note/${ID}`],
    ['DELETE', `/note/${ID}`],
  ] as const
  for (const [method, path] of writes)
    for (const type of TYPES) {
      const headers = { 'content-type': type, 'content-length': MIB }
      const told = await sendHead(app, { method, path, headers: { ...headers, authorization } })
      t.strictSame(told, { status: 403, code: 'forbidden' }, `${method} ${type}`)
      const missing = path.replace('note', 'nosuch')
      const unknown = await sendHead(app, { method, path: missing, headers: { ...headers, authorization } })
      t.strictSame(unknown, { status: 404, code: 'entity_not_found' }, `${method} ${type}`)
      const nobody = await sendHead(app, { method, path, headers })
      t.strictSame(nobody, { status: 401, code: 'unauthenticated' }, `${method} ${type}`)
    }
})

t.test('what the body is does not matter', async (t) => {
  const { app, token } = await start(t)
  const send = as(app, token)
  for (const type of TYPES)
    for (const body of ['', '{', Buffer.alloc(2 * MIB, 'x'), '\0', '[{"nosuch":1}]']) {
      const answer = await send('POST', '/note?select=nosuch', body, { 'content-type': type, prefer: 'x=y' })
      t.equal(answer.json().code, 'forbidden', `${type} ${body.length}`)
    }
})

t.test('nobody is refused for what an instance remembers and no longer holds', async (t) => {
  const { app, database, admin, token } = await start(t)
  const other = await startApp(t, database)
  const [here, there] = [as(app, token), as(other, token)]
  for (const send of [here, there]) t.equal((await send('POST', '/note', { title: 'a' })).statusCode, 403)
  await admin('PUT', '/schemas/note/permissions/user', { read: true, create: true })
  for (const send of [there, here]) t.equal((await send('POST', '/note', { title: 'a' })).statusCode, 201)
  const csv = { 'content-type': 'text/csv' }
  await admin('PUT', '/schemas/note/permissions/user', { read: true })
  for (const send of [there, here]) t.equal((await send('POST', '/note', 'title\na\n', csv)).statusCode, 403)
  for (const send of [there, here]) t.equal((await send('POST', '/memo', {})).statusCode, 404)
  await admin('POST', '/schemas', { ...NOTE, entity_name: 'memo' })
  for (const send of [there, here]) t.equal((await send('POST', '/memo', { title: 'a' })).statusCode, 201)
})
