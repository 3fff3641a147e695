// The request id in every answer, and a line of the log for each request that is served slowly, or with LOG_REQUESTS for
// each that is served; refusals have theirs in any case, where they are rendered.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { requestLine } from '../lib/process/request-line.ts'

function logServed(slow: number, request: FastifyRequest, reply: FastifyReply): void {
  const { statusCode: status, elapsedTime: milliseconds } = reply
  // A refusal has its line.
  if (status >= 400) return
  if (milliseconds >= slow)
    request.log.warn(requestLine(request, { status, milliseconds }), 'request was slow')
  else if (request.server.settings.LOG_REQUESTS)
    request.log.info(requestLine(request, { status, milliseconds }), 'request served')
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The route that the path has for other methods; undefined: there is none. */
    routeOfPath: () => string | undefined
  }
}

function routeOfPath(this: FastifyRequest): string | undefined {
  const { server } = this
  const url = this.url.split('?', 1)[0] ?? '/'
  const find = (method: string) => server.findRoute({ method, url } as never) as FoundRoute | null
  const met = server.supportedMethods
    .filter((method) => method !== 'OPTIONS')
    .map(find)
    .find((found) => found !== null && !server.routeSegments.has(found.params.entity ?? '-'))
  return met ? withParameters(url, met) : undefined
}

/** What the router tells of a route: the values of its parameters, in the order of the path. */
interface FoundRoute {
  params: Record<string, string | undefined>
}

/** The path with the names of its parameters in place of their values. */
function withParameters(path: string, { params }: FoundRoute): string {
  const parts = path.replace(/(?<=.)\/$/, '').split('/')
  for (const [name, value] of Object.entries(params)) {
    const at = parts.findIndex((part) => part !== '' && decodeURIComponent(part) === value)
    if (at >= 0) parts[at] = `:${name}`
  }
  return parts.join('/')
}

async function requestLog(app: FastifyInstance): Promise<void> {
  app.decorateRequest('routeOfPath', routeOfPath)
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id)
    next()
  })
  const { LOG_REQUESTS, SLOW_REQUEST } = app.settings
  if (!LOG_REQUESTS && SLOW_REQUEST === 0) return
  const slow = SLOW_REQUEST === 0 ? Number.POSITIVE_INFINITY : SLOW_REQUEST
  app.addHook('onResponse', (request, reply, next) => {
    logServed(slow, request, reply)
    next()
  })
}

export default fp(requestLog, { name: 'request-log', dependencies: ['config', 'errors'] })
