// The parse stage of requests for records: the actor, the query, the preferences, the form of the answer and the
// preconditions. Refuses what the caller may not do, what the route does not take, and forms that it does not have.
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { rowsOf } from '../../lib/access/policy.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { hasAliases } from '../../lib/entities/read-shape.ts'
import { errors } from '../../lib/errors.ts'
import { withRange } from '../../lib/http/items-range.ts'
import { advise } from '../../lib/query/advice/advise.ts'
import { recordSubject } from '../../lib/query/advice/record-subject.ts'
import { type Query, usesOtherEntities } from '../../lib/query/ast.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { UnreadParameter } from '../../lib/query/parse/unread.ts'
import { planList } from '../../lib/query/plan/plan-list.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import { type Actor, createActor, planContext, withEntities } from '../../lib/records/actor.ts'
import { preferencesOf, queryOf, searchOf } from '../query-request.ts'
import { forTime, takeAsOf } from './as-of.ts'
import { QUERY_URL, urlWithForm } from './form-query.ts'
import { inNamesOfToday } from './former-names.ts'
import { JSON_REPRESENTATION, parseAccept, type Representation } from './representation.ts'
import {
  noPart,
  refuseFilter,
  requireFitting,
  type Target,
  takesNoFilter,
  targetOf,
  verbOf,
} from './target.ts'

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
  /** The time as of which records are read, ISO 8601 in UTC; undefined: now. */
  asOf: string | undefined
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
  const { headers } = request
  const target = targetOf(request)
  const preferences = preferencesOf(request, reply, honoured)
  const { asked, url, asOf } = await readQuery(request, target)
  requireFitting(asked, target)
  const answer = answerForm(target, preferences, headers.accept)
  const conditions = target.byId ? conditionsOf(headers) : undefined
  const actor = await actorOf(request, asked, preferences.sign)
  const expand = answer.representation.form !== 'csv'
  const query = mayBeFormer(request, actor)
    ? await inNamesOfToday(request, reply, { actor, query: asked, expand })
    : asked
  return { actor, url, query, asOf, preferences, ...answer, conditions }
}

interface ReadQuery extends Pick<ParsedRequest, 'url' | 'asOf'> {
  asked: Query
}

/** The query of the URL, or of the URL and a form, and the URL for the next page. */
async function readQuery(request: RecordRequest, target: Target): Promise<ReadQuery> {
  const { headers, server } = request
  const isList = target.verb === 'read' && !target.byId
  // A JSON body may be a string, too.
  const form = request.routeOptions.url === QUERY_URL ? String(request.body ?? '') : undefined
  const whole = form === undefined ? request.url : urlWithForm(request.url, form)
  const url = isList ? withRange(whole, headers.range) : whole
  const { rest, asOf } = takeAsOf(url, target)
  try {
    if (form === undefined) return { asked: forTime(queryOf(server, rest), asOf), url, asOf }
    const asked = parseQuery(searchOf(rest), server.settings.BODY_LIMIT)
    // The next page of a query in a body is asked for with the same body.
    return { asked: forTime(asked, asOf), url: request.url, asOf }
  } catch (error) {
    throw await advisedOn(error, { request, target, url })
  }
}

/** Whether the request may name something by a former name: its entity, a field, or what it embeds. */
function mayBeFormer({ params }: RecordRequest, { entity, entities }: Actor): boolean {
  return entities.size > 0 || entity.name !== params.entity || hasAliases(entity)
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
  const subject = { ...recordSubject(context), takesNo: (part: string) => noPart(part, target) }
  const advised = advise(error, { subject, search: searchOf(url), accept })
  if (takesNoFilter(target) && !advised.extras.hint?.startsWith('Write ')) refuseFilter(target)
  return advised
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

/** The actor, with the tenant's other entities when the query reads some, and addresses of files signed for so many seconds. */
async function actorOf(request: RecordRequest, query: Query, sign?: number): Promise<Actor> {
  const actor = await admitActor(request)
  if (!usesOtherEntities(query)) return actor
  const { fileSigner, publicBase, registry } = request.server
  const others = withEntities(actor, await registry.entitiesByName(actor.caller.tenant))
  return { ...others, fileUrls: fileSigner.urls(actor.caller, { base: publicBase(request), validity: sign }) }
}

/** The caller as the actor on the entity; errors.entityNotFound, errors.forbidden when no record at all is within reach. */
export async function admitActor(request: RecordRequest): Promise<Actor> {
  const { params, server } = request
  const caller = callerOf(request)
  if (request.actor?.caller === caller) return request.actor
  const entity = await server.registry.entity(caller.tenant, params.entity)
  const permissions = await server.registry.permissions(caller.tenant, caller.role)
  const isAbandoned = () => request.raw.socket.destroyed
  const actor = { ...createActor(caller, entity, permissions), isAbandoned }
  const verb = verbOf(request)
  if (rowsOf(actor.policy, verb) === false)
    throw errors.forbidden(`the permission to ${verb} records of ${params.entity}`)
  request.actor = actor
  return actor
}
