// The one renderer of errors: whatever is thrown leaves as problem+json (RFC 9457). What is no refusal but a failure
// is logged, and answered with its request id alone.

import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { ConnectionError, FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { refusedCaller } from '../lib/auth/admission.ts'
import { ENTITY_NAME } from '../lib/entities/entity.ts'
import type { Problem } from '../lib/errors/problem.ts'
import { translateError, unreadableRequest } from '../lib/errors/translate.ts'
import { errors } from '../lib/errors.ts'
import { answerSocket, renderProblem } from '../lib/http/problem-body.ts'
import { requestLine } from '../lib/process/request-line.ts'
import { NEVER_ENTITIES } from '../lib/schema/definition/names.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Refuses a path that no static route serves: 405 with Allow when it has other methods, else 404. */
    refuseRoute: (request: FastifyRequest) => never
    /** Whether a path that can be no entity's has met the routes of the entities. */
    isReserved: (request: FastifyRequest) => boolean
    /** Answers a connection beyond a limit with 503 and closes it. */
    refuseConnection: (socket: Socket) => void
    /** The first path segments of the real routes, and those kept for others: no entity may be called so. */
    routeSegments: Set<string>
  }
}

/** The refusal of a body by the framework also names what the route takes. */
function withWayOut(error: FastifyError, request: FastifyRequest): Error {
  const { consumes = ['application/json'] } = request.routeOptions.schema ?? {}
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return unsupportedType(request, consumes)
  return error.code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? bodyTooLarge(request, consumes) : error
}

const ASK_OPERATOR = 'Send less at once, or ask the operator for a larger BODY_LIMIT.'

const OWN_LIMIT = 'Send less: no name, password or token needs more, and no setting raises the limit.'

function bodyTooLarge({ routeOptions, server }: FastifyRequest, consumes: readonly string[]): Problem {
  const { BODY_LIMIT, UPLOAD_LIMIT } = server.settings
  const { bodyLimit = BODY_LIMIT } = routeOptions
  if (consumes.includes('text/csv')) {
    const hint = `Send fewer records at once, or send them as CSV or NDJSON: up to ${UPLOAD_LIMIT} bytes.`
    return errors.bodyTooLarge(bodyLimit, hint)
  }
  // A route with a limit of its own has it under every setting.
  return errors.bodyTooLarge(bodyLimit, bodyLimit === BODY_LIMIT ? ASK_OPERATOR : OWN_LIMIT)
}

/** A content type that nothing reads here is refused with those that something reads. */
function unsupportedType({ headers }: FastifyRequest, consumes: readonly string[]): Problem {
  const given = headers['content-type']
  const sent = given === undefined || given === '' ? 'without a Content-Type' : `as ${given.slice(0, 100)}`
  return errors.unsupportedMediaType(`The body came ${sent}; send it as ${consumes.join(' or ')}.`)
}

/** Logs a refusal in one line: for the operator the reason of one that is the server's fault, too. */
function logRefusal(
  error: FastifyError,
  { kind }: Problem,
  { request, elapsedTime: milliseconds }: FastifyReply,
): void {
  const { status, code } = kind
  const line = requestLine(request, { status, milliseconds, code, caller: refusedCaller(error) })
  if (status < 500) request.log.info(line, 'request refused')
  else if (status === 500) request.log.error({ ...line, err: error }, 'request failed')
  else request.log.warn({ ...line, err: error }, 'request could not be served')
}

/** Answers with the problem that an error stands for. */
export function sendProblem(error: FastifyError, request: FastifyRequest, reply: FastifyReply) {
  const problem = translateError(withWayOut(error, request))
  const { status } = problem.kind
  logRefusal(error, problem, reply)
  reply
    .code(status)
    .header('x-request-id', request.id)
    .headers(problem.extras.headers ?? {})
    .type('application/problem+json')
  return reply.send(renderProblem(problem, request.id))
}

/** Answers what could not be read as a request and so never met a route, and closes its connection; a clientErrorHandler. */
export function sendUnreadable(this: FastifyInstance, error: ConnectionError, socket: Socket): void {
  const requestId = randomUUID()
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error)
  const problem = unreadableRequest(error.code)
  const { status, code } = problem.kind
  this.log.info({ reqId: requestId, status, code }, 'request refused')
  answerSocket(problem, socket, requestId)
}

/** Whether an entity may have the name: it has the form of one, and is neither reserved nor a route's. */
function mayBeEntity({ routeSegments }: FastifyInstance, name: string): boolean {
  return ENTITY_NAME.test(name) && !routeSegments.has(name)
}

/** The methods that a path has; OPTIONS, which every path has for browsers' sake, is none of them. */
function allowedMethods(app: FastifyInstance, url: string): string[] {
  const methods = app.supportedMethods.filter((method) => method !== 'OPTIONS').sort()
  return methods.filter((method) => {
    const route = app.findRoute({ method, url } as never) as { params: { entity?: string } } | null
    return route !== null && (route.params.entity === undefined || mayBeEntity(app, route.params.entity))
  })
}

async function errorsPlugin(app: FastifyInstance): Promise<void> {
  // The root's own segment is empty: `/` is no entity either.
  const routeSegments = new Set(['', ...NEVER_ENTITIES])
  app.addHook('onRoute', ({ url }) => {
    const segment = url.split('/')[1] ?? ''
    if (!segment.startsWith(':') && !segment.startsWith('*')) routeSegments.add(segment)
  })
  const refuseRoute = (request: FastifyRequest): never => {
    const path = request.url.split('?', 1)[0] ?? '/'
    const allowed = allowedMethods(app, path)
    // A route that takes the method has found nothing: a file of the documentation page.
    const found = allowed.length > 0 && !allowed.includes(request.method)
    throw found ? errors.methodNotAllowed(request.method, allowed) : errors.routeNotFound(path)
  }
  app.decorate('refuseConnection', (socket: Socket) => {
    const requestId = randomUUID()
    app.log.info({ reqId: requestId, status: 503, code: 'unavailable' }, 'connection refused')
    answerSocket(errors.unavailable(), socket, requestId)
  })
  /** Whether the wildcard of the entities caught a path that can be no entity's. */
  const isReserved = (request: FastifyRequest): boolean => {
    const { entity } = (request.params ?? {}) as { entity?: string }
    if (entity === undefined || mayBeEntity(app, entity)) return false
    return request.routeOptions.url?.startsWith('/:entity') ?? false
  }
  app.decorate('routeSegments', routeSegments)
  app.decorate('refuseRoute', refuseRoute)
  app.decorate('isReserved', isReserved)
  app.setErrorHandler(sendProblem)
  app.setNotFoundHandler(refuseRoute)
}

export default fp(errorsPlugin, { name: 'errors', dependencies: ['config'] })
