// What every answer that depends on its caller says to caches.
import type { FastifyReply } from 'fastify'

/** Lets nobody but the caller keep the answer, and him only as long as its entity tag is the present one. */
export function keepPrivate(reply: FastifyReply): void {
  const vary = reply.getHeader('vary')
  reply.header('vary', vary === undefined ? 'Authorization' : `${vary}, Authorization`)
  reply.header('cache-control', 'private, no-cache')
}
