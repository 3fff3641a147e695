// What relies on more of pg and pg-protocol than they document: their internals are named here, and used here, by the query of
// round-trip.ts and by guarded-client.ts. Each assumption has a test in pg-adapter.test.ts.
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect, type Socket } from 'node:net'
import type pg from 'pg'

const require = createRequire(import.meta.url)

// By `require`: the ES module of pg-protocol lacks its names on Node before 20.19 and 22.6.
export const { serialize } = require('pg-protocol') as typeof import('pg-protocol')

/** pg's own connection, of which its types show nothing. */
export interface Connection {
  stream: Socket
  /** Parses what the stream gives from now on. */
  attachListeners(stream: NodeJS.EventEmitter): void
}

interface Internals {
  connection: Connection
  /** False while an answer is awaited. */
  readyForQuery: boolean
  host: string
  port: number
  processID: number
  secretKey: number
}

/** pg's connection of a client. */
export function connectionOf(client: pg.ClientBase): Connection {
  return (client as unknown as Internals).connection
}

/** The socket of a client's connection. */
export function socketOf(client: pg.ClientBase): Socket {
  return connectionOf(client).stream
}

/** Whether an answer of the database is awaited on the connection. */
export function isAwaitingAnswer(client: pg.ClientBase): boolean {
  return !(client as unknown as Internals).readyForQuery
}

/**
 * Asks PostgreSQL to cancel what runs on a client's connection; it may come too late, and then end what runs next.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-CANCELING-REQUESTS
 */
export async function cancelRunning(client: pg.ClientBase): Promise<void> {
  const { host, port, processID, secretKey } = client as unknown as Internals
  const socket = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
  await once(socket, 'connect')
  socket.end(serialize.cancel(processID, secretKey))
  await once(socket.resume(), 'close')
}
