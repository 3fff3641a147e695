// The settings, checked at start, and the page limits of record lists that follow from them.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Settings } from '../lib/config.ts'
import type { PageLimits } from '../lib/records/actor.ts'

declare module 'fastify' {
  interface FastifyInstance {
    settings: Settings
    pageLimits: PageLimits
  }
}

async function config(app: FastifyInstance, { settings }: { settings: Settings }): Promise<void> {
  const { DEFAULT_LIMIT: defaultLimit, MAX_LIMIT: maxLimit } = settings
  app.decorate('settings', settings)
  app.decorate('pageLimits', { defaultLimit, maxLimit })
}

export default fp(config, { name: 'config' })
