// The parse stage of requests for records: the actor, the query, the preferences, the form of the answer and the
// preconditions. Refuses what the caller may not do, what the route does not take, and forms that it does not have.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Verb } from '../../lib/access/permission.ts'
import { rowsOf } from '../../lib/access/policy.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { acceptedVersions } from '../../lib/http/etag.ts'
import { withRange } from '../../lib/http/items-range.ts'
import type { Query } from '../../lib/query/ast.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import { type Actor, createActor, withEntities } from '../../lib/records/actor.ts'
import { preferencesOf, queryOf } from '../query-request.ts'
import {
  JSON_REPRESENTATION,
  listRepresentation,
  type Representation,
  recordRepresentation,
} from './representation.ts'

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
  conditions: Conditions
}

/** The preconditions of a request for one record (RFC 9110, 13.1). */
interface Conditions {
  /** The record versions that If-Match accepts; undefined: any. */
  versions: number[] | undefined
  ifNoneMatch: string | undefined
}

const NO_CONDITIONS: Conditions = { versions: undefined, ifNoneMatch: undefined }

/** The verb of the permission that a method needs; the others read. */
const VERB_OF: Readonly<Record<string, Verb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
}

/** @param honoured the preferences that have a meaning for the route */
export async function parseRecordRequest(
  request: RecordRequest,
  reply: FastifyReply,
  honoured: readonly (keyof Preferences)[],
): Promise<ParsedRequest> {
  const { headers, method, params } = request
  const preferences = preferencesOf(request, reply, honoured)
  const isList = verbOf(method) === 'read' && !('id' in params)
  const url = isList ? withRange(request.url, headers.range) : request.url
  const query = queryOf({ url })
  requireFitting(request, query)
  const answer = answerForm(request, preferences)
  const actor = await actorOf(request, query)
  return { actor, url, query, preferences, ...answer, conditions: conditionsOf(request) }
}

const verbOf = (method: string): Verb => VERB_OF[method] ?? 'read'

/** errors.malformedQuery for parts of a query that the route does not take, errors.filterRequired for one that it needs. */
function requireFitting({ method, params }: RecordRequest, query: Query): void {
  const { where, limit, offset, cursor } = query
  const isFiltered = where.length > 0
  if ('id' in params) {
    if (isFiltered) throw errors.malformedQuery('A record that is named by its id takes no filter.')
    return
  }
  const verb = verbOf(method)
  if (verb === 'read') return
  // An insert passes `limit` and `offset` over, as in PostgREST: its clients send them before they ask for one record.
  const isPaged = verb !== 'create' && (limit !== undefined || offset !== undefined)
  if (isPaged || cursor !== undefined)
    throw errors.malformedQuery('A write takes no limit, offset or cursor; see Prefer: max-affected.')
  if (verb === 'create' && isFiltered) throw errors.malformedQuery('A POST takes no filter.')
  if (verb !== 'create' && !isFiltered) throw errors.filterRequired(method)
}

/**
 * Whether the answer holds records, and its form. Where `return` is not given, a write returns what it has created, what it
 * has changed by an id, and records that are asked for as one object.
 */
function answerForm(
  { headers: { accept }, method, params }: RecordRequest,
  preferences: Preferences,
): Pick<ParsedRequest, 'represents' | 'representation'> {
  const verb = verbOf(method)
  const wanted = verb === 'read' ? 'representation' : preferences.return
  if ('id' in params) {
    const represents = wanted === undefined ? verb !== 'delete' : wanted === 'representation'
    // Without a record in the answer any form is acceptable.
    return { represents, representation: represents ? recordRepresentation(accept) : JSON_REPRESENTATION }
  }
  const representation = listRepresentation(accept)
  const usual = verb === 'create' || representation.form === 'object'
  return { represents: wanted === undefined ? usual : wanted === 'representation', representation }
}

/** errors.invalidParameter; what names no single record has no preconditions. */
function conditionsOf({ headers, params }: RecordRequest): Conditions {
  if (!('id' in params)) return NO_CONDITIONS
  return { versions: acceptedVersions(headers['if-match']), ifNoneMatch: headers['if-none-match'] }
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
  const actor = createActor(caller, entity, permissions)
  const verb = verbOf(method)
  if (rowsOf(actor.policy, verb) === false)
    throw errors.forbidden(`the permission to ${verb} records of ${entity.name}`)
  request.actor = actor
  return actor
}
