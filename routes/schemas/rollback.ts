// The way back to an earlier version of a definition.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { applyChange } from '../../lib/schema/plan/apply-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { etagOf } from './definition-etag.ts'
import { definition, ifMatch, pathEntity } from './definition-schemas.ts'
import { plan, planParameter } from './plan-schemas.ts'
import { sendCheck } from './preview.ts'
import { type RollbackBody, rollbackOf } from './replacement.ts'

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
              'Only the plan: `changes`, with the number of records that have a value of the field, and for fields that come back whether their values do (`data`); and `violations`, what the rollback would be refused for',
          },
          ...planParameter,
        },
      },
      body: {
        type: 'object',
        required: ['version'],
        additionalProperties: false,
        properties: {
          version: { type: 'integer', minimum: 1, examples: [1] },
          otherwise: {
            type: 'string',
            enum: ['refuse', 'null', 'default', 'quarantine'],
            description: 'What becomes of values that do not fit',
            examples: ['refuse'],
          },
        },
      },
      response: {
        200: { ...definition, description: 'The definition in force, or with `preview` the plan' },
        202: { ...plan, description: 'With `preview`: the check goes on; `Location` is the plan' },
      },
      refusals: [
        ...(['invalidDefinition', 'entityNotFound', 'versionNotFound', 'recordsViolate'] as const),
        ...(['cannotConvert', 'planNotFound', 'planMismatch', 'planOutdated', 'planRequired'] as const),
        ...(['changeInProgress', 'schemaChanged', 'entityExists', 'nameIsAlias', 'quotaExceeded'] as const),
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
  Querystring: { preview?: boolean; plan?: string }
  Body: RollbackBody
}>

async function rollBack(request: RollbackRequest, reply: FastifyReply) {
  const { body, query, server } = request
  const replacement = await rollbackOf(request)
  const asked = { kind: 'rollback' as const, replacement, more: { version: body.version } }
  if (query.preview) return sendCheck(request, reply, asked)
  const { entity } = await applyChange(server, asked, query.plan)
  server.indexer.wake()
  return reply.header('etag', etagOf(entity)).send(presentDefinition(entity))
}
