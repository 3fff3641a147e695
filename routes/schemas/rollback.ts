// The way back to an earlier version of a definition.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { acceptedVersions } from '../../lib/http/etag.ts'
import { DEFAULT_GRACE_DAYS, graceOf } from '../../lib/schema/change/aliases.ts'
import { previewRollback } from '../../lib/schema/change/preview-store.ts'
import { replaceEntity } from '../../lib/schema/change/replace-store.ts'
import type { Replacement } from '../../lib/schema/change/replacement.ts'
import { restoredDefinition } from '../../lib/schema/change/rollback.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { findVersion } from '../../lib/schema/version-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { begunChange, sendBegun } from './begun.ts'
import { etagOf } from './definition-etag.ts'
import { definition, ifMatch, pathEntity } from './definition-schemas.ts'

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
        properties: {
          preview: {
            type: 'boolean',
            description:
              'Only what would change: `changes`, with the number of records that have a value of the field, and for fields that come back whether their values do (`data`); and `violations`, what the rollback would be refused for',
          },
        },
      },
      body: {
        type: 'object',
        required: ['version'],
        additionalProperties: false,
        properties: { version: { type: 'integer', minimum: 1, examples: [1] } },
      },
      response: {
        200: { ...definition, description: 'The definition in force, or with `preview` the changes' },
        202: begunChange,
      },
      refusals: [
        ...(['invalidDefinition', 'entityNotFound', 'versionNotFound', 'recordsViolate'] as const),
        ...(['schemaChanged', 'entityExists', 'nameIsAlias', 'quotaExceeded'] as const),
        ...(['changeInProgress', 'tooManyChanges'] as const),
      ],
    },
    handler: rollBack,
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
  const replacement: Replacement = {
    tenantId: actor.tenant.id,
    name: current.name,
    revise: (now) => restoredDefinition(now, target),
    grace: graceOf(server.clock.now(), DEFAULT_GRACE_DAYS),
    versions: acceptedVersions(headers['if-match']),
    action: 'schema.rollback',
    actor,
    isAbandoned: () => request.raw.socket.destroyed,
  }
  if (query.preview) return preview(server, replacement, target.version)
  const { entity, begun } = await replaceEntity(server, replacement)
  if (begun !== undefined) return sendBegun(request, reply, { entity, begun })
  server.indexer.wake()
  return reply.header('etag', etagOf(entity)).send(presentDefinition(entity))
}

async function preview(server: FastifyInstance, replacement: Replacement, version: number) {
  const { current, changes, violations } = await previewRollback(server, replacement)
  const breaking = changes.some((one) => one.breaking)
  return { base_version: current.version, version, breaking, changes, violations }
}
