// The log of a process: JSON lines for machines, coloured lines on a terminal. Written at once, so that nothing is
// lost when the process ends. Of a request it tells method, address and URL, the latter without what looks like a secret.
import { type Logger, pino, stdSerializers, stdTimeFunctions } from 'pino'
import pretty from 'pino-pretty'

/** The log on standard output. */
export function createLogger(level: string): Logger {
  const serializers = { err: describeError, req: describeRequest, busboyOptions: withoutHeaders }
  const options = { level, timestamp: stdTimeFunctions.isoTime, serializers }
  if (!process.stdout.isTTY) return pino(options)
  return pino(options, pretty({ sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss' }))
}

/** Without the connection that the pool hangs on its errors: pages of state, and the key to cancel its queries. */
function describeError(error: Error): object {
  return { ...stdSerializers.err(error), client: undefined }
}

/** What @fastify/multipart tells of each upload at `trace`: all headers of the request are in it. */
function withoutHeaders(options: object): object {
  return { ...options, headers: undefined }
}

/** Parameters whose values are names and numbers, not data. */
const SHAPE = new Set(['select', 'order', 'limit', 'offset', 'columns', 'on_conflict'])

/** What a filter's value begins with: operators of the query grammar. */
const OPERATOR = /^(?:not\.)?[a-z]+(?:\((?:any|all)\))?\./

/** The URL with its values left out: what was asked, not about whom. */
export function withoutValues(url: string): string {
  const at = url.indexOf('?')
  if (at === -1) return withoutPathValues(url)
  const shown = url
    .slice(at + 1)
    .split('&')
    .map((pair) => {
      const [name = ''] = pair.split('=', 1)
      if (SHAPE.has(name)) return pair
      return `${name}=${OPERATOR.exec(pair.slice(name.length + 1))?.[0] ?? ''}***`
    })
  return `${withoutPathValues(url.slice(0, at))}?${shown.join('&')}`
}

/** A query that was sent as a part of the path. */
function withoutPathValues(path: string): string {
  return path.replace(/=.*|%3d.*/i, '=***')
}

interface LoggedRequest {
  method: string
  url: string
  host?: string
  ip?: string
  socket?: { remotePort?: number }
}

function describeRequest({ method, url, host, ip, socket }: LoggedRequest): object {
  return { method, url: withoutValues(url), host, remoteAddress: ip, remotePort: socket?.remotePort }
}

/** Tells the operator, whatever LOG_LEVEL says. */
export function announce(message: string): void {
  process.stdout.write(`${message}\n`)
}
