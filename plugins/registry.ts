// The schema registry: the metadata of tenants that requests are decided with, cached and read from the database.
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
