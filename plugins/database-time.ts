// Measures what each request of a known caller spends in the database, for its line in the log.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { DatabaseTime } from '../lib/db/database-time.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Has the statements of the present caller measured from here on. */
    measureDatabase: (request: FastifyRequest) => Promise<void>
  }
  interface FastifyRequest {
    /** Null before the caller is known. */
    databaseTime: DatabaseTime | null
  }
}

async function measureDatabase(request: FastifyRequest): Promise<void> {
  const { caller } = request
  if (caller === null) return
  request.databaseTime ??= { milliseconds: 0 }
  request.caller = { ...caller, tenant: { ...caller.tenant, time: request.databaseTime } }
}

async function databaseTime(app: FastifyInstance): Promise<void> {
  app.decorateRequest('databaseTime', null)
  app.decorate('measureDatabase', measureDatabase)
  app.addHook('onRequest', measureDatabase)
}

export default fp(databaseTime, { name: 'database-time', dependencies: ['auth'] })
