// The audit log of the caller's tenant, for its admins.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { readAuditFilters } from '../lib/audit/audit-filter.ts'
import { selectAudit, toAuditEntry } from '../lib/audit/audit-store.ts'
import { contentRange } from '../lib/query/sql/page.ts'

const entry = {
  type: 'object',
  required: ['id', 'created_at', 'actor_id', 'actor', 'action', 'target', 'details'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    created_at: { type: 'string', format: 'date-time' },
    actor_id: { type: ['string', 'null'], description: 'A user or an API key; null: nobody who is known.' },
    actor: { type: 'string' },
    action: { type: 'string', examples: ['user.create'] },
    target: { type: ['string', 'null'], description: 'What it was done to: a name or an id.' },
    details: { type: 'object', additionalProperties: true },
  },
}

const query = {
  type: 'object',
  properties: {
    limit: { type: 'integer', minimum: 0, description: 'Page size.' },
    offset: { type: 'integer', minimum: 0, description: 'How many to skip.' },
  },
}

const routes: RouteOptions[] = [
  {
    method: 'GET',
    url: '/audit',
    config: { access: 'admin' },
    schema: {
      tags: ['Operation'],
      operationId: 'listAudit',
      summary: 'What happened in the tenant, newest first',
      description:
        'Filters as in `action=eq.user.create&created_at=gte.2026-01-01`: eq, neq, gt, gte, lt and lte on id, created_at, actor_id, actor, action and target.',
      querystring: query,
      response: { 200: { description: 'A page of the log', type: 'array', items: entry } },
      refusals: ['unknownField', 'operatorNotAllowed', 'invalidValue'],
    },
    handler: list,
  },
]

/** Adds the route. */
export default async function audit(app: FastifyInstance): Promise<void> {
  for (const route of routes) app.route(route)
}

async function list(request: FastifyRequest, reply: FastifyReply) {
  const { settings, db } = request.server
  const query = request.query as Record<string, unknown> & { limit?: number; offset?: number }
  const limit = Math.min(query.limit ?? settings.DEFAULT_LIMIT, settings.MAX_LIMIT)
  const offset = Math.min(query.offset ?? 0, Number.MAX_SAFE_INTEGER)
  const { tenant } = request.caller
  const rows = await db.read(tenant, selectAudit(tenant.id, readAuditFilters(query), { limit, offset }))
  reply
    .header('content-range', contentRange(offset, rows.length))
    .header('cache-control', 'private, no-cache')
  return rows.map(toAuditEntry)
}
