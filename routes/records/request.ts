// The parse stage of requests for records: the actor, the query, the preferences, the form of the answer and the
// preconditions. Refuses what the caller may not do and forms that the route does not have.
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { rowsOf } from '../../lib/access/policy.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { hasAliases } from '../../lib/entities/read-shape.ts'
import { errors } from '../../lib/errors.ts'
import type { Query } from '../../lib/query/ast.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import { type Actor, createActor, withEntities } from '../../lib/records/actor.ts'
import { preferencesOf } from '../query-request.ts'
import { inNamesOfToday } from './former-names.ts'
import { readQuery, type Target } from './query.ts'
import { JSON_REPRESENTATION, parseAccept, type Representation } from './representation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The actor of a request for records; good for the present `caller` alone. */
    actor: Actor | null
  }
  interface FastifyContextConfig {
    /** Of the routes of records. */
    target?: Target
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
 * admitActor, which come first.
 *
 * @param honoured the preferences that have a meaning for the route
 */
export async function parseRecordRequest(
  request: RecordRequest,
  reply: FastifyReply,
  honoured: readonly (keyof Preferences)[],
): Promise<ParsedRequest> {
  const { headers } = request
  const admitted = await admitActor(request)
  const target = request.routeOptions.config.target as Target
  const preferences = preferencesOf(request, reply, honoured)
  const { asked, url, asOf } = await readQuery(request, admitted, target)
  const answer = answerForm(target, preferences, headers.accept)
  const conditions = target.byId ? conditionsOf(headers) : undefined
  const actor = asked.usesOthers ? await withOthers(request, admitted, preferences.sign) : admitted
  const expand = answer.representation.form !== 'csv'
  const query = mayBeFormer(request, actor)
    ? await inNamesOfToday(request, reply, { actor, query: asked, expand })
    : asked
  return { actor, url, query, asOf, preferences, ...answer, conditions }
}

/** Whether the request may name something by a former name: its entity, a field, or what it embeds. */
export function mayBeFormer({ params }: RecordRequest, { entity, entities }: Actor): boolean {
  return entities.size > 0 || entity.name !== params.entity || hasAliases(entity)
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

/** With the tenant's other entities, and addresses of files signed for so many seconds. */
async function withOthers(request: RecordRequest, actor: Actor, sign?: number): Promise<Actor> {
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
  const { verb } = request.routeOptions.config.target as Target
  if (rowsOf(actor.policy, verb) === false)
    throw errors.forbidden(`the permission to ${verb} records of ${params.entity}`)
  request.actor = actor
  return actor
}
