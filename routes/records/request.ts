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
import type { Query } from '../../lib/query/ast.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import { type Actor, createActor, withEntities } from '../../lib/records/actor.ts'
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
  const target = { verb: VERB_OF[request.method] ?? 'read', byId: 'id' in params }
  const preferences = preferencesOf(request, reply, honoured)
  const isList = target.verb === 'read' && !target.byId
  const url = isList ? withRange(request.url, headers.range) : request.url
  const asked = queryOf(request.server, url)
  requireFitting(asked, target)
  const answer = answerForm(target, preferences, headers.accept)
  const conditions = target.byId ? conditionsOf(headers) : undefined
  const actor = await actorOf(request, asked, preferences.sign)
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

/** What a request does, to one record by its id or to those that a query selects. */
interface Target {
  verb: Verb
  byId: boolean
}

/** errors.malformedQuery for parts of a query that the route does not take, errors.filterRequired for one that it needs. */
function requireFitting({ where, limit, offset, cursor }: Query, { verb, byId }: Target): void {
  const isFiltered = where.length > 0
  if (byId && isFiltered) throw errors.malformedQuery('A record that is named by its id takes no filter.')
  if (byId || verb === 'read') return
  // An insert passes `limit` and `offset` over, as in PostgREST: its clients send them before they ask for one record.
  const isPaged = verb !== 'create' && (limit !== undefined || offset !== undefined)
  if (isPaged || cursor !== undefined)
    throw errors.malformedQuery('A write takes no limit, offset or cursor; see Prefer: max-affected.')
  if (verb === 'create' && isFiltered) throw errors.malformedQuery('A POST takes no filter.')
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

/** The actor, with the tenant's other entities when the query embeds some, and addresses of files signed for so many seconds. */
async function actorOf(request: RecordRequest, { select }: Query, sign?: number): Promise<Actor> {
  const actor = await admitActor(request)
  if (!select.some(({ kind }) => kind === 'embed')) return actor
  const { registry, fileSigner } = request.server
  const others = withEntities(actor, await registry.entitiesByName(actor.caller.tenant))
  return sign === undefined ? others : { ...others, fileUrls: fileSigner.urls(actor.caller, sign) }
}

/** The caller as the actor on the entity; errors.entityNotFound, errors.forbidden when no record at all is within reach. */
export async function admitActor(request: RecordRequest): Promise<Actor> {
  const { method, params, server } = request
  const caller = callerOf(request)
  if (request.actor?.caller === caller) return request.actor
  const entity = await server.registry.entity(caller.tenant, params.entity)
  const permissions = await server.registry.permissions(caller.tenant, caller.role)
  const actor = createActor(caller, entity, permissions)
  const verb = VERB_OF[method] ?? 'read'
  if (rowsOf(actor.policy, verb) === false)
    throw errors.forbidden(`the permission to ${verb} records of ${entity.name}`)
  request.actor = actor
  return actor
}
