// The audit log of the caller's tenant, for its admins.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { auditOutput, countAudit, selectAudit } from '../lib/audit/audit-query.ts'
import { type AuditEntry, toAuditEntry } from '../lib/audit/audit-store.ts'
import { callerOf } from '../lib/auth/caller.ts'
import { errors } from '../lib/errors.ts'
import { nextLink } from '../lib/http/next-link.ts'
import type { Query } from '../lib/query/ast.ts'
import { contentRange } from '../lib/query/sql/page.ts'
import { JSON_TYPE, preferencesOf, queryOf } from './query-request.ts'

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
    select: { type: 'string', description: 'Columns, and paths into the details: `actor,details->>role`.' },
    order: { type: 'string', description: 'Newest first without it; `action,created_at.desc`.' },
    limit: { type: 'integer', minimum: 0, description: 'Page size.' },
    offset: { type: 'integer', minimum: 0, description: 'How many to skip; not together with `cursor`.' },
    cursor: { type: 'string', description: 'Where to go on: taken from the `Link` header.' },
    or: { type: 'string', description: '`(action.like.user.*,actor.eq.admin)`; `and` as well.' },
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
        'Filters are those of the records, `action=like.user.*&created_at=gte.2026-01-01&details->>role=eq.admin`, on id, created_at, actor_id, actor, action, target and details. `Prefer: count=exact` counts them.',
      querystring: query,
      response: {
        200: { description: 'A page of the log', type: 'array', items: entry },
        206: { description: 'A page of the log, of which more is counted', type: 'array', items: entry },
      },
      refusals: ['malformedQuery', 'unknownField', 'operatorNotAllowed', 'invalidValue', 'pageOutOfRange'],
    },
    handler: list,
  },
]

/** Adds the route. */
export default async function audit(app: FastifyInstance): Promise<void> {
  for (const route of routes) app.route(route)
}

async function list(request: FastifyRequest, reply: FastifyReply) {
  const { db, settings } = request.server
  const { tenant } = callerOf(request)
  const { count } = preferencesOf(request, reply, ['count'])
  const query = queryOf(request)
  const limit = Math.min(query.limit ?? settings.DEFAULT_LIMIT, settings.MAX_LIMIT)
  const offset = query.offset ?? 0
  const output = auditOutput(query.select)
  const rows = await db.read(tenant, selectAudit(tenant.id, query, { limit: limit + 1, offset }))
  const shown = rows.slice(0, limit).map(toAuditEntry)
  const total = count === undefined ? undefined : await countOf(request, query)
  if (total !== undefined && offset > total) throw errors.pageOutOfRange(offset, total)
  const next = rows.length > shown.length && nextOf(query, { limit, offset, last: shown.at(-1) })
  if (next) reply.header('link', nextLink(request.url, ...next))
  return reply
    .code(total !== undefined && total > shown.length ? 206 : 200)
    .header('content-range', contentRange(offset, shown.length, total))
    .header('cache-control', 'private, no-cache')
    .type(JSON_TYPE)
    .send(JSON.stringify(shown.map(output)))
}

async function countOf(request: FastifyRequest, query: Query): Promise<number> {
  const { server } = request
  const { tenant } = callerOf(request)
  const [row] = await server.db.read(tenant, countAudit(tenant.id, query))
  return Number(row?.[0])
}

/** Where the next page begins: the log grows at its front, so that only a cursor misses nothing there. */
function nextOf(
  { order, offset: asked }: Query,
  { limit, offset, last }: { limit: number; offset: number; last: AuditEntry | undefined },
): Parameters<typeof nextLink> extends [string, ...infer To] ? To | undefined : never {
  if (last === undefined) return undefined
  return order.length > 0 || asked !== undefined ? ['offset', offset + limit] : ['cursor', last.id]
}
