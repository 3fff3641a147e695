// What the handlers of records have in common: who asks for what, by which rules a body is read, how a record leaves.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Verb } from '../../lib/access/permission.ts'
import { rowsOf } from '../../lib/access/policy.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import type { Query } from '../../lib/query/ast.ts'
import { type Actor, createActor, type PageLimits, withEntities } from '../../lib/records/actor.ts'
import { stripNulls } from '../../lib/records/format/record-text.ts'
import type { StoredRecord } from '../../lib/records/read/read-store.ts'
import { newRecord, patchFromBody, recordFromBody, withReadOnly } from '../../lib/records/stored-data.ts'
import { JSON_TYPE } from '../query-request.ts'
import type { BodyRules } from './body.ts'
import type { Representation } from './representation.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks for the records of which entity; it counts for the present caller alone. */
    actor: Actor | null
  }
}

export type RecordRequest = FastifyRequest<{ Params: { entity: string; id: string } }>

const VERB_OF: Readonly<Record<string, Verb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
}

/**
 * The caller and the entity; the tenant's other entities too when the query speaks of them. errors.forbidden when no
 * record at all is within the caller's permissions for the method.
 */
export async function actorOf(request: RecordRequest, query?: Query): Promise<Actor> {
  const { server } = request
  const caller = callerOf(request)
  const actor = request.actor?.caller === caller ? request.actor : await admittedActor(request)
  request.actor = actor
  if (!query?.select.some(({ kind }) => kind === 'embed')) return actor
  return withEntities(actor, await server.registry.entitiesByName(caller.tenant))
}

async function admittedActor(request: RecordRequest): Promise<Actor> {
  const { method, params, server } = request
  const caller = callerOf(request)
  const entity = await server.registry.entity(caller.tenant, params.entity)
  const permissions = await server.registry.permissions(caller.tenant, caller.role)
  const actor = createActor(caller, entity, permissions)
  const verb = VERB_OF[method] ?? 'read'
  if (rowsOf(actor.policy, verb) === false)
    throw errors.forbidden(`the permission to ${verb} records of ${entity.name}`)
  return actor
}

export function rulesOf(
  { server }: RecordRequest,
  { entity, policy }: Actor,
  how: 'create' | 'replace' | 'patch',
): BodyRules {
  const { settable, visible } = policy
  const schema = server.registry.schemas(entity, policy)[how]
  const convert = how === 'patch' ? patchFromBody : recordFromBody
  return {
    schema,
    convert(body, refused) {
      const told = withReadOnly(visible, refused)
      return how === 'create' ? newRecord(entity, settable, body, told) : convert(settable, body, told)
    },
  }
}

/** How many records a page may have. */
export function pageLimitsOf({ server }: RecordRequest): PageLimits {
  const { DEFAULT_LIMIT: defaultLimit, MAX_LIMIT: maxLimit } = server.settings
  return { defaultLimit, maxLimit }
}

/** One record with its entity tag. */
export function sendRecord(
  reply: FastifyReply,
  { json, etag }: StoredRecord,
  { form, stripped, contentType }: Representation,
) {
  reply.header('etag', etag).type(form === 'object' ? contentType : JSON_TYPE)
  return reply.send(stripped ? stripNulls(json) : json)
}
