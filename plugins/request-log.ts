// The request id in every answer, and with LOG_REQUESTS a line of the log for each request that is served; refusals have
// theirs in any case, where they are rendered.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { requestLine } from '../lib/process/request-line.ts'

async function logServed(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { statusCode: status, elapsedTime: milliseconds } = reply
  if (status < 400) request.log.info(requestLine(request, { status, milliseconds }), 'request served')
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
  if (app.settings.LOG_REQUESTS) app.addHook('onResponse', logServed)
}

export default fp(requestLog, { name: 'request-log', dependencies: ['config', 'errors'] })
