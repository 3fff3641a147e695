// The parse stage of requests for records: the actor, the query, the preferences, the form of the answer and the
// preconditions. Refuses what the caller may not do, what the route does not take, and forms that it does not have.
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Verb } from '../../lib/access/permission.ts'
import { rowsOf } from '../../lib/access/policy.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { withRange } from '../../lib/http/items-range.ts'
import { advise } from '../../lib/query/advice/advise.ts'
import type { Query } from '../../lib/query/ast.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { UnreadParameter } from '../../lib/query/parse/unread.ts'
import { planList } from '../../lib/query/plan/plan-list.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import { type Actor, createActor, planContext, withEntities } from '../../lib/records/actor.ts'
import { usesOtherEntities } from '../../lib/records/plan-cache.ts'
import { preferencesOf, queryOf } from '../query-request.ts'
import { QUERY_URL, urlWithForm } from './form-query.ts'
import { JSON_REPRESENTATION, parseAccept, type Representation } from './representation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The actor of a request for records; good for the present `caller` alone. */
    actor: Actor | null
  }
}

/** The `id` is there on the routes of one record only. */
export type RecordRequest = FastifyRequest<{ Params: { entity: string; id: string } }>

export interface ParsedRequest {
  actor: Actor
  /** The request's own, with the Range header of a list worked in. */
  url: string
  query: Query
  preferences: Preferences
  /** Whether the answer holds the records. */
  represents: boolean
  representation: Representation
  /** Undefined: there are none. */
  conditions: Conditions | undefined
}

/** The preconditions of a request for one record, as its headers have them (RFC 9110, 13.1). */
export interface Conditions {
  ifMatch: string | undefined
  ifNoneMatch: string | undefined
}

/** The verb of the permission that a route or else a method needs; the others need `read`. */
const VERB_OF: Readonly<Record<string, Verb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
  [QUERY_URL]: 'read',
}

/**
 * Parses a request; errors.unknownPreference, errors.malformedQuery, errors.filterRequired, errors.notAcceptable, and those of
 * admitActor.
 *
 * @param honoured the preferences that have a meaning for the route
 */
export async function parseRecordRequest(
  request: RecordRequest,
  reply: FastifyReply,
  honoured: readonly (keyof Preferences)[],
): Promise<ParsedRequest> {
  const { headers, params } = request
  const { url: route = '' } = request.routeOptions
  const target = { verb: VERB_OF[route] ?? VERB_OF[request.method] ?? 'read', byId: 'id' in params }
  const preferences = preferencesOf(request, reply, honoured)
  const isList = target.verb === 'read' && !target.byId
  // A JSON body may be a string, too.
  const form = route === QUERY_URL ? String(request.body ?? '') : undefined
  const asked = form === undefined ? request.url : urlWithForm(request.url, form)
  const url = isList ? withRange(asked, headers.range) : asked
  let query: Query
  try {
    const { settings } = request.server
    query = form === undefined ? queryOf(request.server, url) : parseQuery(searchOf(url), settings.BODY_LIMIT)
  } catch (error) {
    throw await advisedOn(error, { request, target, url })
  }
  requireFitting(query, target)
  const answer = answerForm(target, preferences, headers.accept)
  const conditions = target.byId ? conditionsOf(headers) : undefined
  // The next page of a query in a body is asked for with the same body.
  const own = form === undefined ? url : request.url
  return { actor: await actorOf(request, query), url: own, query, preferences, ...answer, conditions }
}

interface Refused {
  request: RecordRequest
  target: Target
  /** With the query. */
  url: string
}

/** The refusal of a query that could not be parsed; of a parameter that is not of the grammar with advice for caller and entity. */
async function advisedOn(error: unknown, { request, target, url }: Refused): Promise<unknown> {
  if (!(error instanceof UnreadParameter)) return error
  const { registry, pageLimits } = request.server
  const actor = await admitActor(request)
  const entities = await registry.entitiesByName(actor.caller.tenant)
  const context = planContext(withEntities(actor, entities), pageLimits)
  const accept = (spelling: string) => {
    const query = parseQuery(spelling)
    requireFitting(query, target)
    if (takesNoFilter(target) && !spelling.startsWith('select=')) refuseFilter(target)
    planList(query, context)
  }
  const advised = advise(error, { context, search: searchOf(url), accept })
  if (takesNoFilter(target) && !advised.extras.hint?.startsWith('Write ')) refuseFilter(target)
  return advised
}

const searchOf = (url: string) => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')

const takesNoFilter = ({ byId, verb }: Target) => byId || verb === 'create'

function refuseFilter({ byId }: Target): never {
  throw errors.malformedQuery(
    byId ? 'A record that is named by its id takes no filter.' : 'A POST takes no filter.',
  )
}

/** What a request does, to one record by its id or to those that a query selects. */
interface Target {
  verb: Verb
  byId: boolean
}

/** errors.malformedQuery for parts of a query that the route does not take, errors.filterRequired for one that it needs. */
function requireFitting({ where, limit, offset, cursor }: Query, { verb, byId }: Target): void {
  const isFiltered = where.length > 0
  if (isFiltered && takesNoFilter({ byId, verb })) refuseFilter({ byId, verb })
  if (byId || verb === 'read') return
  // An insert passes `limit` and `offset` over, as in PostgREST: its clients send them before they ask for one record.
  const isPaged = verb !== 'create' && (limit !== undefined || offset !== undefined)
  if (isPaged || cursor !== undefined)
    throw errors.malformedQuery('A write takes no limit, offset or cursor; see Prefer: max-affected.')
  if (verb !== 'create' && !isFiltered) throw errors.filterRequired(verb === 'delete' ? 'DELETE' : 'PATCH')
}

/**
 * Whether the answer holds records, and its form. Where `return` is not given, a write returns what it has created, what it
 * has changed by an id, and records that are asked for as one object.
 */
function answerForm(
  { verb, byId }: Target,
  preferences: Preferences,
  accept: string | undefined,
): Pick<ParsedRequest, 'represents' | 'representation'> {
  const wanted = verb === 'read' ? 'representation' : preferences.return
  if (byId) {
    const represents = wanted === undefined ? verb !== 'delete' : wanted === 'representation'
    // Without a record in the answer any form is acceptable.
    return { represents, representation: represents ? parseAccept(accept, 'record') : JSON_REPRESENTATION }
  }
  const representation = parseAccept(accept, 'list')
  const usual = verb === 'create' || representation.form === 'object'
  return { represents: wanted === undefined ? usual : wanted === 'representation', representation }
}

function conditionsOf(headers: IncomingHttpHeaders): Conditions | undefined {
  const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = headers
  return ifMatch === undefined && ifNoneMatch === undefined ? undefined : { ifMatch, ifNoneMatch }
}

/** The actor, with the tenant's other entities when the query reads some. */
async function actorOf(request: RecordRequest, query: Query): Promise<Actor> {
  const actor = await admitActor(request)
  if (!usesOtherEntities(query)) return actor
  return withEntities(actor, await request.server.registry.entitiesByName(actor.caller.tenant))
}

/** The caller as the actor on the entity; errors.entityNotFound, errors.forbidden when no record at all is within reach. */
export async function admitActor(request: RecordRequest): Promise<Actor> {
  const { method, params, routeOptions, server } = request
  const caller = callerOf(request)
  if (request.actor?.caller === caller) return request.actor
  const entity = await server.registry.entity(caller.tenant, params.entity)
  const permissions = await server.registry.permissions(caller.tenant, caller.role)
  const actor = createActor(caller, entity, permissions)
  const verb = VERB_OF[routeOptions.url ?? ''] ?? VERB_OF[method] ?? 'read'
  if (rowsOf(actor.policy, verb) === false)
    throw errors.forbidden(`the permission to ${verb} records of ${entity.name}`)
  request.actor = actor
  return actor
}
