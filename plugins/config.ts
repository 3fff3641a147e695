// The settings, checked at start, for whoever decides by them at a request.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import type { Settings } from '../lib/config.ts'

declare module 'fastify' {
  interface FastifyInstance {
    settings: Settings
  }
}

async function config(app: FastifyInstance, { settings }: { settings: Settings }): Promise<void> {
  app.decorate('settings', settings)
}

export default fp(config, { name: 'config' })
