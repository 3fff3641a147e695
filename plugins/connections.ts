// Guards the sockets against clients that take too many, and against bodies that trickle in: connections are capped in all
// and per address, and a body that arrives too slowly is refused with 408.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ConnectionCap } from '../lib/http/connection-cap.ts'
import { type ProgressRule, ProgressWatch } from '../lib/http/progress-watch.ts'

export interface ConnectionsOptions {
  /** Milliseconds between two looks at the bodies that are arriving. */
  sweep?: number
  /** What each has to move. */
  receiving?: ProgressRule
}

const SWEEP = 5000
/** 1 KiB a second on average. */
const RECEIVING = { window: 30_000, least: 30 * 1024 }

function capConnections(app: FastifyInstance): void {
  const { MAX_CONNECTIONS: all, MAX_CONNECTIONS_PER_ADDRESS: address } = app.settings
  // A connection of a proxy carries many clients.
  const cap = new ConnectionCap({ all, address }, app.isProxy)
  app.server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? ''
    if (!cap.take(peer)) return void app.refuseConnection(socket)
    socket.once('close', () => cap.release(peer))
  })
}

/** Bytes of a body that have arrived; null when it is complete, or waits to be read here. */
const receivedBy = (raw: IncomingMessage) =>
  raw.complete || raw.readableLength > 0 ? null : raw.socket.bytesRead

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

async function connections(app: FastifyInstance, options: ConnectionsOptions): Promise<void> {
  const bodies = new ProgressWatch(receivedBy, options.receiving ?? RECEIVING)
  const sweep = () => {
    for (const raw of bodies.stalled()) {
      bodies.delete(raw)
      // As Node itself does when a request takes longer than server.requestTimeout.
      const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' })
      app.server.emit('clientError', error, raw.socket)
    }
  }
  const timer = setInterval(sweep, options.sweep ?? SWEEP).unref()
  app.addHook('onClose', async () => clearInterval(timer))
  app.addHook('onRequest', async ({ raw }: FastifyRequest) => {
    if (raw.complete || !hasBody(raw)) return
    bodies.add(raw)
    raw.once('close', () => bodies.delete(raw))
  })
  capConnections(app)
}

export default fp(connections, { name: 'connections', dependencies: ['config', 'errors', 'proxies'] })
