// `explain=access` on a record or a list: why somebody may or may not see and change it. Refuses what else a query may hold but
// filters of the entity itself: nothing else decides who sees a record.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import type { Query } from '../../lib/query/ast.ts'
import { MAX_QUERY_LENGTH } from '../../lib/query/limits.ts'
import { parsePairs } from '../../lib/query/parse/query-string.ts'
import { type Actor, createActor } from '../../lib/records/actor.ts'
import { explainList, explainRecord } from '../../lib/records/explain/explain-store.ts'
import { recordId } from '../../lib/records/read/read-store.ts'
import type { Route } from '../define-routes.ts'
import { JSON_TYPE, searchOf } from '../query-request.ts'
import { inNamesOfToday } from './former-names.ts'
import { mayBeFormer, type RecordRequest } from './request.ts'

const MARK = /[?&]explain=/

/** The handler, and for a request with `explain` in its query the explanation of what it would do. */
export function orExplain(handler: Route['handler'], explain: Route['handler']): Route['handler'] {
  return (request, reply) => (MARK.test(request.url) ? explain(request, reply) : handler(request, reply))
}

export async function explainOneOf(request: RecordRequest, reply: FastifyReply) {
  const { as, rest } = readQuestion(request)
  if (rest !== '') throw errors.malformedQuery('explain=access for one record takes as and nothing else.')
  const actor = await actorOf(request)
  return send(reply, await explainRecord(request.server, actor, { as, id: recordId(request.params.id) }))
}

export async function explainListOf(request: RecordRequest, reply: FastifyReply) {
  const { as, rest } = readQuestion(request)
  const asked = request.server.plans.parse(rest)
  requireFilters(asked)
  const actor = await actorOf(request)
  const query = mayBeFormer(request, actor)
    ? await inNamesOfToday(request, reply, { actor, query: asked, expand: false })
    : asked
  return send(reply, await explainList(request.server, actor, { as, query, asked: rest }))
}

interface Question {
  as: string | undefined
  /** The query string without `explain` and `as`. */
  rest: string
}

/** errors.malformedQuery for another word than `access`, and for what is given twice. */
function readQuestion({ url }: FastifyRequest): Question {
  const pairs = parsePairs(searchOf(url), MAX_QUERY_LENGTH)
  const valuesOf = (name: string) => pairs.flatMap(([key, value]) => (key === name ? [value] : []))
  const [explain, as] = [valuesOf('explain'), valuesOf('as')]
  if (explain.length !== 1 || explain[0] !== 'access')
    throw errors.malformedQuery('explain takes one word: explain=access.')
  if (as.length > 1) throw errors.malformedQuery('as is given twice.')
  const others = new URLSearchParams()
  for (const [key, value] of pairs) if (key !== 'explain' && key !== 'as') others.append(key, value)
  return { as: as[0], rest: others.toString() }
}

function requireFilters({ select, order, embedded, ...query }: Query): void {
  const { limit, offset, cursor, columns, onConflict } = query
  const others = [limit, offset, cursor, columns, onConflict]
  const isPlain =
    select.length === 1 && select[0]?.kind === 'all' && order.length === 0 && embedded.size === 0
  if (!isPlain || others.some((other) => other !== undefined))
    throw errors.malformedQuery('explain=access takes filters on fields of the entity, and as.')
}

/** The caller, also one who may read no record. */
async function actorOf(request: RecordRequest): Promise<Actor> {
  const { registry } = request.server
  const caller = callerOf(request)
  const entity = await registry.entity(caller.tenant, request.params.entity)
  const permissions = await registry.permissions(caller.tenant, caller.role)
  const isAbandoned = () => request.raw.socket.destroyed
  return { ...createActor(caller, entity, permissions), isAbandoned }
}

function send(reply: FastifyReply, explanation: object): FastifyReply {
  return reply.header('cache-control', 'private, no-cache').type(JSON_TYPE).send(JSON.stringify(explanation))
}
