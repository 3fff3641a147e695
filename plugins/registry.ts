// The schema registry: turns stored definitions into what requests are decided with, tenant by tenant.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { SchemaRegistry } from '../lib/schema/registry/registry.ts'

declare module 'fastify' {
  interface FastifyInstance {
    registry: SchemaRegistry
  }
}

async function registry(app: FastifyInstance): Promise<void> {
  app.decorate('registry', new SchemaRegistry(app.db, app.directory))
}

export default fp(registry, { name: 'registry', dependencies: ['db'] })
