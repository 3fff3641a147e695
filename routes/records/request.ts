// The parse stage of requests for records: the actor, the query, the preferences, the form of the answer and the
// preconditions. Refuses what the caller may not do, what the route does not take, and forms that it does not have.
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Verb } from '../../lib/access/permission.ts'
import { rowsOf } from '../../lib/access/policy.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { hasAliases } from '../../lib/entities/read-shape.ts'
import { errors } from '../../lib/errors.ts'
import { withRange } from '../../lib/http/items-range.ts'
import { advise } from '../../lib/query/advice/advise.ts'
import type { Query } from '../../lib/query/ast.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { UnreadParameter } from '../../lib/query/parse/unread.ts'
import { planList } from '../../lib/query/plan/plan-list.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import { type Actor, createActor, planContext, withEntities } from '../../lib/records/actor.ts'
import { preferencesOf, queryOf } from '../query-request.ts'
import { inNamesOfToday } from './former-names.ts'
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

/** The verb of the permission that a method needs; the others need `read`. */
const VERB_OF: Readonly<Record<string, Verb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
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
  const verb = VERB_OF[request.method] ?? 'read'
  const byId = 'id' in params
  const target = { verb, byId, namesRows: verb === 'update' && !byId && Array.isArray(request.body) }
  const preferences = preferencesOf(request, reply, honoured)
  const isList = target.verb === 'read' && !target.byId
  const url = isList ? withRange(request.url, headers.range) : request.url
  const asked = await queryWithAdvice(request, target, url)
  requireFitting(asked, target)
  const answer = answerForm(target, preferences, headers.accept)
  const conditions = target.byId ? conditionsOf(headers) : undefined
  const actor = await actorOf(request, asked)
  const expand = answer.representation.form !== 'csv'
  const query = mayBeFormer(request, actor)
    ? await inNamesOfToday(request, reply, { actor, query: asked, expand })
    : asked
  return { actor, url, query, preferences, ...answer, conditions }
}

/** Whether the request may name something by a former name: its entity, a field, or what it embeds. */
function mayBeFormer({ params }: RecordRequest, { entity, entities }: Actor): boolean {
  return entities.size > 0 || entity.name !== params.entity || hasAliases(entity)
}

/** The query of the request; a parameter that is not of the grammar is refused with advice for the caller and the entity. */
async function queryWithAdvice(request: RecordRequest, target: Target, url: string): Promise<Query> {
  try {
    return queryOf(request.server, url)
  } catch (error) {
    if (!(error instanceof UnreadParameter)) throw error
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
    const advised = advise(error, { context, search: url.slice(url.indexOf('?') + 1), accept })
    if (takesNoFilter(target) && !advised.extras.hint?.startsWith('Write ')) refuseFilter(target)
    throw advised
  }
}

const takesNoFilter = ({ byId, verb }: Pick<Target, 'byId' | 'verb'>) => byId || verb === 'create'

function refuseFilter({ byId }: Pick<Target, 'byId'>): never {
  throw errors.malformedQuery(
    byId ? 'A record that is named by its id takes no filter.' : 'A POST takes no filter.',
  )
}

/** What a request does, to one record by its id or to those that a query selects. */
interface Target {
  verb: Verb
  byId: boolean
  /** The rows of the body name the records. */
  namesRows: boolean
}

/** errors.malformedQuery for parts of a query that the route does not take, errors.filterRequired for one that it needs. */
function requireFitting({ where, limit, offset, cursor }: Query, { verb, byId, namesRows }: Target): void {
  const isFiltered = where.length > 0
  if (isFiltered && takesNoFilter({ byId, verb })) refuseFilter({ byId })
  if (byId || verb === 'read') return
  // An insert passes `limit` and `offset` over, as in PostgREST: its clients send them before they ask for one record.
  const isPaged = verb !== 'create' && (limit !== undefined || offset !== undefined)
  if (isPaged || cursor !== undefined)
    throw errors.malformedQuery('A write takes no limit, offset or cursor; see Prefer: max-affected.')
  if (namesRows) requireUnfiltered(isFiltered)
  else if (verb !== 'create' && !isFiltered)
    throw errors.filterRequired(verb === 'delete' ? 'DELETE' : 'PATCH')
}

/** errors.malformedQuery for a filter beside rows that name their records. */
function requireUnfiltered(isFiltered: boolean): void {
  const hint =
    'Leave the filter out: each object of an array names its record. Or send one object, to change all records that pass the filter.'
  if (isFiltered) throw errors.malformedQuery('A PATCH takes either a filter or an array, not both.', hint)
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

/** The actor, with the tenant's other entities when the query embeds some. */
async function actorOf(request: RecordRequest, { select }: Query): Promise<Actor> {
  const actor = await admitActor(request)
  if (!select.some(({ kind }) => kind === 'embed')) return actor
  return withEntities(actor, await request.server.registry.entitiesByName(actor.caller.tenant))
}

/** The caller as the actor on the entity; errors.entityNotFound, errors.forbidden when no record at all is within reach. */
export async function admitActor(request: RecordRequest): Promise<Actor> {
  const { method, params, server } = request
  const caller = callerOf(request)
  if (request.actor?.caller === caller) return request.actor
  const entity = await server.registry.entity(caller.tenant, params.entity)
  const permissions = await server.registry.permissions(caller.tenant, caller.role)
  const isAbandoned = () => request.raw.socket.destroyed
  const actor = { ...createActor(caller, entity, permissions), isAbandoned }
  const verb = VERB_OF[method] ?? 'read'
  if (rowsOf(actor.policy, verb) === false)
    throw errors.forbidden(`the permission to ${verb} records of ${entity.name}`)
  request.actor = actor
  return actor
}
