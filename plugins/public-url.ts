// Addresses as clients reach them: Location and Link under PUBLIC_URL, or under the prefix that a trusted proxy has taken
// away. Without either they are paths, which a client resolves against the origin that it has called.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { baseOfPrefix, baseOfUrl, linkUnder, locationUnder } from '../lib/http/public-base.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** What goes before a path of ours in an address for this client; '' when nothing does. */
    publicBase: (request: FastifyRequest) => string
  }
}

function baseReader({ settings, isProxy }: FastifyInstance): (request: FastifyRequest) => string {
  const { PUBLIC_URL } = settings
  if (PUBLIC_URL !== undefined) {
    const base = baseOfUrl(PUBLIC_URL)
    return () => base
  }
  return ({ headers, socket }) => {
    const prefix = headers['x-forwarded-prefix']
    return prefix !== undefined && isProxy(socket.remoteAddress ?? '') ? baseOfPrefix(prefix) : ''
  }
}

function moveHeaders(base: string, reply: FastifyReply): void {
  const { location, link } = reply.getHeaders()
  if (location !== undefined) reply.header('location', locationUnder(base, String(location)))
  if (link !== undefined) reply.header('link', linkUnder(base, String(link)))
}

async function publicUrl(app: FastifyInstance): Promise<void> {
  const { PUBLIC_URL, TRUST_PROXY } = app.settings
  const publicBase = baseReader(app)
  app.decorate('publicBase', publicBase)
  if (PUBLIC_URL === undefined && TRUST_PROXY === false) return
  app.addHook('onSend', (request, reply, _payload, next) => {
    const base = publicBase(request)
    if (base !== '') moveHeaders(base, reply)
    next()
  })
}

export default fp(publicUrl, { name: 'public-url', dependencies: ['config', 'proxies'] })
