// Liveness and readiness, for container health checks and load balancers.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { defineRoutes, type Route } from './define-routes.ts'

const status = {
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', const: 'ok' } },
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/health/live',
    access: 'public',
    schema: {
      tags: ['Operation'],
      operationId: 'isAlive',
      summary: 'Check that the process responds',
      response: { 200: { ...status, description: 'The process responds' } },
    },
    handler: live,
  },
  {
    method: 'GET',
    url: '/health/ready',
    access: 'public',
    schema: {
      tags: ['Operation'],
      operationId: 'isReady',
      summary: 'Check that the database is reachable and migrated',
      response: { 200: { ...status, description: 'The server can handle requests' } },
    },
    handler: ready,
  },
]

/** Adds the routes. */
export default async function health(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function live() {
  return { status: 'ok' }
}

async function ready(request: FastifyRequest) {
  await request.server.directory.ping()
  return { status: 'ok' }
}
