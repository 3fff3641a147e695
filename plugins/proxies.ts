// The proxies in front, by the setting TRUST_PROXY: whose X-Forwarded-* headers count.
import proxyAddr from '@fastify/proxy-addr'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether the peer of a connection, by its address, is such a proxy. */
    isProxy: (address: string) => boolean
  }
}

/** A setting that names no addresses (true, a number of proxies) is for ports that only proxies reach. */
function proxiesOf(trust: boolean | number | string): (address: string) => boolean {
  if (typeof trust !== 'string') return () => trust !== false && trust !== 0
  const isTrusted = proxyAddr.compile(trust.split(','))
  return (address) => isTrusted(address, 0)
}

async function proxies(app: FastifyInstance): Promise<void> {
  app.decorate('isProxy', proxiesOf(app.settings.TRUST_PROXY))
}

export default fp(proxies, { name: 'proxies', dependencies: ['config'] })
