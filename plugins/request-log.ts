// The request id in every answer, and with LOG_REQUESTS a line of the log for each request that is served; refusals have
// theirs in any case, where they are rendered.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { requestLine } from '../lib/process/request-line.ts'

async function logServed(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { statusCode: status, elapsedTime: milliseconds } = reply
  if (status < 400) request.log.info(requestLine(request, { status, milliseconds }), 'request served')
}

async function requestLog(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', (request, reply, next) => {
    reply.header('x-request-id', request.id)
    next()
  })
  if (app.settings.LOG_REQUESTS) app.addHook('onResponse', logServed)
}

export default fp(requestLog, { name: 'request-log', dependencies: ['config', 'errors'] })
