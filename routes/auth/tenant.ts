// The caller's own tenant, for its admins: what it may have and what it has.
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { presentQuotas } from '../../lib/quotas/quota.ts'
import { selectUsage, toUsage } from '../../lib/quotas/quota-store.ts'
import { quotas, usage } from '../tenants/schemas.ts'

const ownTenant = {
  type: 'object',
  required: ['id', 'name', 'quotas', 'usage'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    name: { type: 'string' },
    quotas,
    usage,
  },
}

const routes: RouteOptions[] = [
  {
    method: 'GET',
    url: '/auth/tenant',
    config: { access: 'admin' },
    schema: {
      tags: ['Auth'],
      operationId: 'getOwnTenant',
      summary: 'The tenant of the caller, its quotas and what is used of them',
      response: { 200: { description: 'The tenant', ...ownTenant } },
    },
    handler: read,
  },
]

/** Adds the route. */
export default async function tenant(app: FastifyInstance): Promise<void> {
  for (const route of routes) app.route(route)
}

async function read(request: FastifyRequest) {
  const { server } = request
  const caller = callerOf(request)
  const { id, name, quotas: limits } = caller.tenant
  const [row] = await server.db.read(caller.tenant, selectUsage(id))
  return { id, name, quotas: presentQuotas(limits), usage: toUsage(row ?? []) }
}
