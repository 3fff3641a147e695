// The quotas of the caller's own tenant and what is used of them, for its admins.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { presentQuotas } from '../../lib/quotas/quota.ts'
import { readUsage } from '../../lib/quotas/quota-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
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

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/auth/tenant',
    access: 'admin',
    schema: {
      tags: ['Auth'],
      operationId: 'getOwnTenant',
      summary: 'Get the caller’s tenant, its quotas and what is used of them',
      response: { 200: { description: 'The tenant', ...ownTenant } },
    },
    handler: read,
  },
]

/** Adds the route. */
export default async function tenant(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function read(request: FastifyRequest) {
  const { tenant } = callerOf(request)
  const usage = await readUsage(request.server.db, tenant, tenant.id)
  return { id: tenant.id, name: tenant.name, quotas: presentQuotas(tenant.quotas), usage }
}
