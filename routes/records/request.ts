// What the handlers of records have in common: who asks for what, by which rules a body is read, how a record leaves.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { chooseType } from '../../lib/http/accept.ts'
import type { Query } from '../../lib/query/ast.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { type Preferences, parsePrefer, preferenceApplied } from '../../lib/query/prefer.ts'
import type { Actor } from '../../lib/records/actor.ts'
import type { StoredRecord } from '../../lib/records/read-store.ts'
import { storedPatch, storedRecord } from '../../lib/records/stored-data.ts'
import type { BodyRules } from './body.ts'

export type RecordRequest = FastifyRequest<{ Params: { entity: string; id: string } }>

export const JSON_TYPE = 'application/json; charset=utf-8'

/** What PostgREST's clients ask for when they want exactly one record. */
export const OBJECT_TYPE = 'application/vnd.pgrst.object+json'

const RECORD_TYPES = ['application/json', OBJECT_TYPE]

/** The request's query; the text after `?` is parsed undecoded. */
export function queryOf({ url }: RecordRequest): Query {
  const at = url.indexOf('?')
  return parseQuery(at === -1 ? '' : url.slice(at + 1))
}

/** The caller and the entity; the tenant's other entities too when the query speaks of them. */
export async function actorOf({ caller, params, server }: RecordRequest, query?: Query): Promise<Actor> {
  const entity = await server.registry.entity(caller.tenant, params.entity)
  const others = query?.select.some(({ kind }) => kind === 'embed')
  const entities = others ? await server.registry.entitiesByName(caller.tenant) : new Map()
  return { caller, entity, entities }
}

export function rulesOf(
  { server }: RecordRequest,
  { entity }: Actor,
  how: 'create' | 'replace' | 'patch',
): BodyRules {
  const convert = how === 'patch' ? storedPatch : storedRecord
  return {
    schema: server.registry.schemas(entity)[how],
    convert: (body, refused) => convert(entity, body, refused),
  }
}

/** Whether the client wants one object where there is a list; errors.notAcceptable. */
export function wantsObject({ headers }: RecordRequest): boolean {
  return chooseType(headers.accept, RECORD_TYPES) === OBJECT_TYPE
}

/** The request's preferences; those that mean something to the route are echoed in the answer. */
export function preferencesOf(
  { headers }: RecordRequest,
  reply: FastifyReply,
  honoured: readonly (keyof Preferences)[],
): Preferences {
  if (headers.prefer === undefined) return {}
  const preferences = parsePrefer(headers.prefer)
  const applied = preferenceApplied(preferences, [...honoured, 'handling'])
  if (applied !== undefined) reply.header('preference-applied', applied)
  return preferences
}

export function sendRecord(reply: FastifyReply, { json, etag }: StoredRecord) {
  return reply.header('etag', etag).type(JSON_TYPE).send(json)
}
