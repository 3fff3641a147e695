// The metrics on a port of their own: GET /metrics, and nothing else.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { maySeeMetrics } from './access.ts'
import { CONTENT_TYPE } from './exposition.ts'

export interface MetricsServerOptions {
  port: number
  host: string
  /** What has to be shown; undefined: nothing. */
  token: string | undefined
  /** The text of now. */
  read(): Promise<string>
}

/** Milliseconds for a request to arrive. */
const PATIENCE = 10_000

/** Listens; rejects when the port cannot be used. */
export async function listenForMetrics(options: MetricsServerOptions): Promise<Server> {
  const server = createServer({ requestTimeout: PATIENCE, headersTimeout: PATIENCE }, (request, response) => {
    answer(options, request, response).catch(() => end(response, 503))
  })
  server.listen({ port: options.port, host: options.host })
  await once(server, 'listening')
  return server.unref()
}

async function answer(
  { token, read }: MetricsServerOptions,
  { method = '', url = '', headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (url.split('?', 1)[0] !== '/metrics') return end(response, 404)
  if (method !== 'GET' && method !== 'HEAD') return end(response, 405)
  if (!maySeeMetrics(token, headers.authorization)) return end(response, 401)
  const text = await read()
  response.setHeader('content-type', CONTENT_TYPE)
  response.end(method === 'HEAD' ? undefined : text)
}

function end(response: ServerResponse, status: number): void {
  response.statusCode = status
  if (status === 401) response.setHeader('www-authenticate', 'Bearer')
  response.end()
}
