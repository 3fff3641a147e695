// The entities of a tenant: listed, deleted, and brought back.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isAdmin } from '../../lib/access/roles.ts'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { acceptedVersions } from '../../lib/http/etag.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { listDeletions, removeEntity } from '../../lib/schema/deletion/remove-store.ts'
import { undeleteEntity } from '../../lib/schema/deletion/undelete-store.ts'
import { visibleEntities } from '../../lib/schema/registry/visible-entities.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { etagOf } from './definition-etag.ts'
import { definition, ifMatch, pathEntity } from './definition-schemas.ts'

/** Milliseconds that a request waits for the purge that it has begun. */
const PURGE_PATIENCE = 2000

const deletedAt = {
  type: 'string',
  format: 'date-time',
  description: 'Which of several deleted entities of the name, as the list of them says; by default the last',
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/schemas/',
    access: 'user',
    schema: {
      tags: ['Schemas'],
      operationId: 'listEntities',
      summary: 'List the entities',
      querystring: {
        type: 'object',
        properties: {
          deleted: {
            type: 'boolean',
            description:
              'True: instead the deleted ones that can come back, last deleted first, with `deleted_at` and `purge_at`; admins only',
          },
        },
      },
      response: { 200: { type: 'array', items: definition, description: 'The definitions by name' } },
      refusals: ['forbidden'],
    },
    handler: list,
  },
  {
    method: 'DELETE',
    url: '/schemas/:entity',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'deleteEntity',
      summary: 'Delete an entity with all its records',
      description:
        'It can come back for 30 days (`undelete`), without anything else being kept from its name; then its records are purged.',
      params: pathEntity,
      headers: ifMatch,
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: {
          purge: {
            type: 'boolean',
            description:
              'True: its records are purged now, and it cannot come back; also an entity that is deleted already',
          },
          deleted_at: { ...deletedAt, description: `With \`purge\`: the deleted entity of that moment` },
        },
      },
      response: { 204: { type: 'null', description: 'The entity is deleted' } },
      refusals: ['entityNotFound', 'deletedEntityNotFound', 'entityReferenced', 'schemaChanged'],
    },
    handler: remove,
  },
  {
    method: 'POST',
    url: '/schemas/:entity/undelete',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'undeleteEntity',
      summary: 'Bring a deleted entity back',
      description:
        'With its records, permissions and former names. References to records that were deleted meanwhile are left out.',
      params: pathEntity,
      body: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: {
          as: {
            type: 'string',
            description: 'The name that it is to have; needed when the former one is in use',
            examples: ['student_2'],
          },
          deleted_at: deletedAt,
        },
      },
      response: { 200: definition },
      refusals: [
        ...(['invalidDefinition', 'deletedEntityNotFound', 'nameInUse', 'targetDeleted'] as const),
        'quotaExceeded',
      ],
    },
    handler: undelete,
  },
]

/** Adds the routes. */
export default async function entities(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

type ListRequest = FastifyRequest<{ Querystring: { deleted?: boolean } }>

async function list(request: ListRequest) {
  const { registry } = request.server
  if (request.query.deleted) return listDeleted(request)
  return (await visibleEntities(registry, callerOf(request))).map(presentDefinition)
}

async function listDeleted(request: FastifyRequest) {
  const { role, tenant } = callerOf(request)
  if (!isAdmin(role)) throw errors.forbidden('the role admin to see deleted entities')
  return (await listDeletions(request.server.db, tenant)).map(({ entity, deletedAt, purgeAt }) => ({
    ...presentDefinition(entity),
    deleted_at: deletedAt,
    purge_at: purgeAt,
  }))
}

type RemoveRequest = FastifyRequest<{
  Params: { entity: string }
  Querystring: { purge?: boolean; deleted_at?: string }
}>

async function remove(request: RemoveRequest, reply: FastifyReply) {
  const { headers, params, query, server } = request
  const { purge = false, deleted_at: deletedAt } = query
  const versions = acceptedVersions(headers['if-match'])
  await removeEntity(server.db, callerOf(request), { name: params.entity, versions, purge, deletedAt })
  if (purge) await Promise.race([server.purges.run(), sleep(PURGE_PATIENCE, undefined, { ref: false })])
  reply.code(204)
}

type UndeleteRequest = FastifyRequest<{
  Params: { entity: string }
  Body: { as?: string; deleted_at?: string } | null | undefined
}>

async function undelete(request: UndeleteRequest, reply: FastifyReply) {
  const { body, params, server } = request
  const undeletion = { name: params.entity, as: body?.as, deletedAt: body?.deleted_at }
  const segments = server.routeSegments
  const entity = await undeleteEntity(server.db, callerOf(request), { undeletion, segments })
  server.indexer.wake()
  return reply.header('etag', etagOf(entity)).send(presentDefinition(entity))
}
