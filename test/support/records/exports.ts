// Long lists for the tests of exports: many records, over a connection.

import type { AddressInfo, Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { ADMIN, asAdmin, signIn, startWithAdmin } from '../app.ts'

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'size', type: 'integer', indexed: true },
    { name: 'price', type: 'decimal' },
    { name: 'ok', type: 'boolean' },
    { name: 'tags', type: 'array', items: { type: 'string' } },
    { name: 'meta', type: 'json' },
    { name: 'part_of', type: 'relation', entity: 'thing' },
  ],
}

export const NDJSON = { accept: 'application/x-ndjson' }

export async function startThings(t: Test, settings = {}) {
  const { app } = await startWithAdmin(t, settings)
  const send = await asAdmin(app)
  const defined = await send('POST', '/schemas', THING)
  if (defined.statusCode !== 201) throw new Error(defined.body)
  return { app, send }
}

export const MANY = 20_000

/** What is sent over the first connection to it is counted. */
export async function startMany(t: Test) {
  const { app, send } = await startThings(t, { BODY_LIMIT: 8_000_000 })
  const name = 'n'.repeat(300)
  const rows = Array.from({ length: MANY / 4 }, (_, size) => ({ size, name }))
  for (let part = 0; part < 4; part++)
    await send('POST', '/thing', JSON.stringify(rows), {
      'content-type': 'application/json',
      prefer: 'return=minimal',
    })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.server.closeAllConnections())
  let socket: Socket | undefined
  app.server.on('connection', (opened) => {
    socket ??= opened
  })
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/thing`
  const sent = () => socket?.bytesWritten ?? 0
  return { app, send, url, sent, headers: { authorization: `Bearer ${access_token}`, ...NDJSON } }
}

/** How many connections of the pool are in somebody's hands. */
export const busy = ({ pg: { pool } }: FastifyInstance) => pool.totalCount - pool.idleCount
