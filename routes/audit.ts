// The audit log of the caller's tenant, for its admins.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { adviseOnAudit } from '../lib/audit/audit-advice.ts'
import { listAudit } from '../lib/audit/audit-list-store.ts'
import { callerOf } from '../lib/auth/caller.ts'
import { nextLink } from '../lib/http/next-link.ts'
import type { Query } from '../lib/query/ast.ts'
import { UnreadParameter } from '../lib/query/parse/unread.ts'
import { contentRange } from '../lib/query/sql/page.ts'
import { defineRoutes, type Route } from './define-routes.ts'
import { JSON_TYPE, preferencesOf, searchOf } from './query-request.ts'

const entry = {
  type: 'object',
  required: ['id', 'created_at', 'actor_id', 'actor', 'action', 'target', 'details'],
  properties: {
    id: { type: 'string', format: 'uuid' },
    created_at: { type: 'string', format: 'date-time' },
    actor_id: { type: ['string', 'null'], description: 'A user or an API key; null: an unknown caller.' },
    actor: { type: 'string', description: 'The name of the actor.' },
    action: { type: 'string', examples: ['user.create'] },
    target: { type: ['string', 'null'], description: 'The name or id of the object of the action.' },
    details: { type: 'object', additionalProperties: true },
  },
}

const query = {
  type: 'object',
  properties: {
    select: { type: 'string', description: 'Columns, and paths into the details: `actor,details->>role`.' },
    order: { type: 'string', description: 'By default the newest first; `action,created_at.desc`.' },
    limit: { type: 'integer', minimum: 0, description: 'Page size.' },
    offset: {
      type: 'integer',
      minimum: 0,
      description: 'Number of entries to skip; not together with `cursor`.',
    },
    cursor: { type: 'string', description: 'Start of the page, as in the `Link` header.' },
  },
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/audit',
    access: 'admin',
    schema: {
      tags: ['Operation'],
      operationId: 'listAudit',
      summary: 'List the audit log of the tenant, newest first',
      description:
        'Filters are those of records, `action=like.user.*&created_at=gte.2026-01-01&details->>role=eq.admin`, on id, created_at, actor_id, actor, action, target and details. `Prefer: count=exact` counts the entries.',
      querystring: query,
      response: {
        200: { description: 'A page of the log', type: 'array', items: entry },
        206: { description: 'A counted page of the log that is not the whole', type: 'array', items: entry },
      },
      refusals: ['malformedQuery', 'unknownField', 'operatorNotAllowed', 'invalidValue', 'pageOutOfRange'],
    },
    handler: list,
  },
]

/** Adds the route. */
export default async function audit(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

/** The query of the URL; a parameter outside the grammar is refused with advice. */
function auditQueryOf({ server, url }: FastifyRequest): Query {
  try {
    return server.plans.parse(searchOf(url))
  } catch (error) {
    throw error instanceof UnreadParameter ? adviseOnAudit(error, searchOf(url), server.pageLimits) : error
  }
}

async function list(request: FastifyRequest, reply: FastifyReply) {
  const { db, settings } = request.server
  const { count } = preferencesOf(request, reply, ['count'])
  const query = auditQueryOf(request)
  const limit = Math.min(query.limit ?? settings.DEFAULT_LIMIT, settings.MAX_LIMIT)
  const offset = query.offset ?? 0
  const wanted = { query, limit, offset, counted: count !== undefined }
  const { entries, total, next } = await listAudit(db, callerOf(request).tenant, wanted)
  if (next !== undefined) reply.header('link', nextLink(request.url, next.parameter, next.value))
  return reply
    .code(total !== undefined && total > entries.length ? 206 : 200)
    .header('content-range', contentRange(offset, entries.length, total))
    .header('cache-control', 'private, no-cache')
    .type(JSON_TYPE)
    .send(JSON.stringify(entries))
}
