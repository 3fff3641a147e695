// The metrics at GET /metrics for the bearer of METRICS_TOKEN. Without the token, or with METRICS_PORT, there is no such path.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { errors } from '../lib/errors.ts'
import { maySeeMetrics } from '../lib/metrics/access.ts'
import { CONTENT_TYPE } from '../lib/metrics/exposition.ts'
import { defineRoutes, type Route } from './define-routes.ts'

const routes: readonly Route[] = [
  { method: 'GET', url: '/metrics', access: 'public', schema: { hide: true }, handler: readMetrics },
]

/** Adds the route, where there is a token and no port of its own. */
export default async function metrics(app: FastifyInstance): Promise<void> {
  const { METRICS_TOKEN, METRICS_PORT } = app.settings
  if (METRICS_TOKEN !== undefined && METRICS_PORT === 0) defineRoutes(app, routes)
}

async function readMetrics({ server, headers }: FastifyRequest, reply: FastifyReply): Promise<string> {
  if (!maySeeMetrics(server.settings.METRICS_TOKEN, headers.authorization))
    throw errors.unauthenticated('Send METRICS_TOKEN as a bearer token.')
  const text = await server.readMetrics()
  reply.type(CONTENT_TYPE).header('cache-control', 'no-store')
  return text
}
