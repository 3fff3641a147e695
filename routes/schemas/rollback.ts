// The way back to an earlier version of a definition, and the dropped fields that it can bring back.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { acceptedVersions } from '../../lib/http/etag.ts'
import { DEFAULT_GRACE_DAYS, graceOf } from '../../lib/schema/change/aliases.ts'
import { diffDefinitions } from '../../lib/schema/change/diff.ts'
import { replaceEntity } from '../../lib/schema/change/replace-store.ts'
import { droppedFields, restoredDefinition } from '../../lib/schema/change/rollback.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { findVersion, listVersions } from '../../lib/schema/version-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { etagOf } from './definition-etag.ts'
import { definition, ifMatch, pathEntity } from './definition-schemas.ts'
import { dropped } from './version-schemas.ts'

type EntityRequest = FastifyRequest<{ Params: { entity: string } }>

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/schemas/:entity/rollback',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'rollBack',
      summary: 'Put an earlier version of a definition in force again',
      description:
        'By the identity of its fields: renamed ones get their names back, dropped ones their values. It makes a new version. Refused without any change when existing records do not satisfy it.',
      params: pathEntity,
      headers: ifMatch,
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: { preview: { type: 'boolean', description: 'Only what would change' } },
      },
      body: {
        type: 'object',
        required: ['version'],
        additionalProperties: false,
        properties: { version: { type: 'integer', minimum: 1, examples: [1] } },
      },
      response: {
        200: { ...definition, description: 'The definition in force, or with `preview` the changes' },
      },
      refusals: [
        ...(['invalidDefinition', 'entityNotFound', 'versionNotFound', 'recordsViolate'] as const),
        ...(['schemaChanged', 'entityExists', 'nameIsAlias', 'quotaExceeded'] as const),
      ],
    },
    handler: rollBack,
  },
  {
    method: 'GET',
    url: '/schemas/:entity/dropped',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'listDropped',
      summary: 'List the dropped fields whose values are kept',
      description: 'A rollback to `version` brings a field back.',
      params: pathEntity,
      response: { 200: { type: 'array', items: dropped, description: 'Fields, last dropped first' } },
      refusals: ['entityNotFound'],
    },
    handler: listDropped,
  },
]

/** Adds the routes. */
export default async function rollback(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

type RollbackRequest = FastifyRequest<{
  Params: { entity: string }
  Querystring: { preview?: boolean }
  Body: { version: number }
}>

async function rollBack(request: RollbackRequest, reply: FastifyReply) {
  const { body, headers, query, server } = request
  const actor = callerOf(request)
  const current = await server.registry.entity(actor.tenant, request.params.entity)
  const target = await findVersion(server.db, actor.tenant, current, String(body.version))
  if (query.preview) {
    const changes = diffDefinitions(current, target)
    const breaking = changes.some((one) => one.breaking)
    return { base_version: current.version, version: target.version, breaking, changes }
  }
  const { entity } = await replaceEntity(server, {
    tenantId: actor.tenant.id,
    name: current.name,
    revise: (now) => restoredDefinition(now, target),
    grace: graceOf(server.clock.now(), DEFAULT_GRACE_DAYS),
    versions: acceptedVersions(headers['if-match']),
    action: 'schema.rollback',
    actor,
    isAbandoned: () => request.raw.socket.destroyed,
  })
  server.indexer.wake()
  return reply.header('etag', etagOf(entity)).send(presentDefinition(entity))
}

/** Versions that are searched for dropped fields. */
const SEARCHED = 1000

async function listDropped(request: EntityRequest) {
  const { tenant } = callerOf(request)
  const entity = await request.server.registry.entity(tenant, request.params.entity)
  const options = { limit: SEARCHED, before: undefined }
  const versions = await listVersions(request.server.db, tenant, entity, options)
  return droppedFields(entity, versions)
}
