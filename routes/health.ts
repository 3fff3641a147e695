// Whether the process lives, and whether it can serve: what container health checks and load balancers ask.
import type { FastifyInstance, RouteOptions } from 'fastify'

const status = {
  description: 'It is',
  type: 'object',
  required: ['status'],
  properties: { status: { type: 'string', const: 'ok' } },
}

export default async function health(app: FastifyInstance): Promise<void> {
  const routes: RouteOptions[] = [
    {
      method: 'GET',
      url: '/health/live',
      config: { access: 'public' },
      schema: {
        tags: ['Operation'],
        operationId: 'isAlive',
        summary: 'The process answers',
        response: { 200: status },
      },
      handler: live,
    },
    {
      method: 'GET',
      url: '/health/ready',
      config: { access: 'public' },
      schema: {
        tags: ['Operation'],
        operationId: 'isReady',
        summary: 'The database is reachable and its migrations are done',
        response: { 200: status },
      },
      handler: ready,
    },
  ]
  for (const route of routes) app.route(route)

  async function live() {
    return { status: 'ok' }
  }

  async function ready() {
    await app.directory.ping()
    return { status: 'ok' }
  }
}
