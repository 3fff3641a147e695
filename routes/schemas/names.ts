// Other names for fields and entities, and how long the former ones stay in force.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { acceptedVersions } from '../../lib/http/etag.ts'
import { listAliases } from '../../lib/schema/alias-store.ts'
import { graceOf } from '../../lib/schema/change/aliases.ts'
import { removeAlias } from '../../lib/schema/change/end-alias-store.ts'
import { graceDays, type RenameBody, renamedDefinition } from '../../lib/schema/change/rename.ts'
import { replaceEntity } from '../../lib/schema/change/replace-store.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { etagOf } from './definition-etag.ts'
import { definition, ifMatch, pathEntity } from './definition-schemas.ts'

type EntityRequest = FastifyRequest<{ Params: { entity: string } }>

const renameBody = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  properties: {
    fields: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'New names by the present ones, all at once: two fields can swap theirs',
      examples: [{ name: 'full_name' }],
    },
    entity: { type: 'string', description: 'New name of the entity', examples: ['learner'] },
    grace: {
      type: 'string',
      description:
        'How long the former names go on working: a number with m, h, d, w, mo or y; 0: not at all',
      default: '30d',
      examples: ['30d'],
    },
  },
}

const alias = {
  type: 'object',
  required: ['name', 'field', 'since', 'until', 'last_used_at'],
  properties: {
    name: { type: 'string', description: 'The former name', examples: ['name'] },
    field: { type: ['string', 'null'], description: 'The present name of the field; null: the entity’s own' },
    since: { type: 'string', format: 'date-time' },
    until: { type: 'string', format: 'date-time', description: 'When it ends' },
    last_used_at: {
      type: ['string', 'null'],
      format: 'date-time',
      description: 'To the minute; null: not yet',
    },
  },
}

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/schemas/:entity/rename',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'renameEntity',
      summary: 'Rename an entity or its fields',
      description:
        'Values, permissions and indexes stay. The former names go on working for the time of grace, with the headers Deprecation and Sunset.',
      params: pathEntity,
      headers: ifMatch,
      body: renameBody,
      response: { 200: definition },
      refusals: ['invalidDefinition', 'entityNotFound', 'entityExists', 'nameIsAlias', 'schemaChanged'],
    },
    handler: rename,
  },
  {
    method: 'GET',
    url: '/schemas/:entity/aliases',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'listAliases',
      summary: 'List the former names that are in force',
      params: pathEntity,
      response: { 200: { type: 'array', items: alias, description: 'Former names, oldest first' } },
      refusals: ['entityNotFound'],
    },
    handler: list,
  },
  {
    method: 'DELETE',
    url: '/schemas/:entity/aliases/:name',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'endAlias',
      summary: 'End a former name now',
      params: {
        type: 'object',
        required: ['entity', 'name'],
        properties: { ...pathEntity.properties, name: { type: 'string', examples: ['name'] } },
      },
      response: { 204: { type: 'null', description: 'The former name is unknown' } },
      refusals: ['entityNotFound', 'aliasNotFound'],
    },
    handler: endAlias,
  },
]

/** Adds the routes. */
export default async function names(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function rename(request: EntityRequest & { body: RenameBody }, reply: FastifyReply) {
  const { body, headers, params, server } = request
  const actor = callerOf(request)
  const { name } = await server.registry.entity(actor.tenant, params.entity)
  const { entity } = await replaceEntity(server, {
    tenantId: actor.tenant.id,
    name,
    revise: (current) => renamedDefinition(current, body, server.routeSegments),
    grace: graceOf(server.clock.now(), graceDays(body.grace)),
    versions: acceptedVersions(headers['if-match']),
    action: 'schema.rename',
    actor,
  })
  return reply.header('etag', etagOf(entity)).send(presentDefinition(entity))
}

async function list(request: EntityRequest) {
  const { params, server } = request
  const { tenant } = callerOf(request)
  const entity = await server.registry.entity(tenant, params.entity)
  const stored = await listAliases(server.db, tenant, entity)
  return stored.map(({ name, key, since, until, lastUsedAt }) => {
    const field = entity.fields.find((one) => one.key === key)?.name ?? null
    return { name, field, since, until, last_used_at: lastUsedAt }
  })
}

async function endAlias(
  request: FastifyRequest<{ Params: { entity: string; name: string } }>,
  reply: FastifyReply,
) {
  const { params, server } = request
  const caller = callerOf(request)
  const { name: entity } = await server.registry.entity(caller.tenant, params.entity)
  await removeAlias(server.db, caller, { entity, name: params.name })
  reply.code(204)
}
