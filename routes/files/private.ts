// Answers about files depend on who asks: no shared cache may keep them, and a private one asks again.
import type { FastifyReply, FastifyRequest } from 'fastify'

/** An onRequest hook for the routes of files. */
export async function markPrivate(_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const vary = reply.getHeader('vary')
  reply.header('vary', vary === undefined ? 'Authorization' : `${vary}, Authorization`)
  reply.header('cache-control', 'private, no-cache')
}
