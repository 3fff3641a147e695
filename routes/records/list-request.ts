// Parses what a list request asks for: query, representation, count and page limits.
import type { FastifyReply } from 'fastify'
import { withRange } from '../../lib/http/items-range.ts'
import type { Query } from '../../lib/query/ast.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import type { Actor, PageLimits } from '../../lib/records/actor.ts'
import { preferencesOf, queryOf } from '../query-request.ts'
import { listRepresentation, type Representation } from './representation.ts'
import { actorOf, pageLimitsOf, type RecordRequest } from './request.ts'

export interface ListRequest {
  /** The request's own, the Range header worked in. */
  url: string
  actor: Actor
  query: Query
  wanted: Representation
  /** Whether and how all matches are counted. */
  count: Preferences['count']
  limits: PageLimits
}

export async function listRequestOf(request: RecordRequest, reply: FastifyReply): Promise<ListRequest> {
  const wanted = listRepresentation(request.headers.accept)
  const { count } = preferencesOf(request, reply, ['count'])
  const url = withRange(request.url, request.headers.range)
  const query = queryOf({ url })
  return { url, actor: await actorOf(request, query), query, wanted, count, limits: pageLimitsOf(request) }
}
