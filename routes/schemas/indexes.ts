// The indexes of an entity, which the server creates by itself; for the tenant's admins.

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { findFillPlace } from '../../lib/indexing/fill-progress-store.ts'
import { reportIndexes } from '../../lib/indexing/index-report.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { pathEntity } from './definition-schemas.ts'

const index = {
  type: 'object',
  required: ['field', 'slot', 'state', 'progress', 'reason', 'why'],
  properties: {
    field: { type: 'string', examples: ['age'] },
    slot: { type: 'integer', minimum: 1, maximum: 12, description: 'Each entity has twelve slots' },
    state: {
      type: 'string',
      enum: ['filling', 'ready'],
      description: 'Queries use only indexes that are ready',
    },
    progress: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      description: 'The share of records that are indexed',
    },
    reason: { type: 'string', enum: ['requested', 'automatic'] },
    why: { type: 'string', description: 'The reason in words' },
  },
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/schemas/:entity/indexes',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'listIndexes',
      summary: 'List the indexes of an entity',
      description:
        'A field with `"indexed": true` has an index. The server adds one to a field that queries filter or sort by once the entity has many records. New indexes are filled in the background; the result of a query never depends on them.',
      params: pathEntity,
      response: {
        200: { type: 'array', items: index, description: 'The indexes in the order of the fields' },
      },
      refusals: ['entityNotFound'],
    },
    handler: list,
  },
]

/** Adds the route. */
export default async function indexes(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function list(request: FastifyRequest<{ Params: { entity: string } }>) {
  const { params, server } = request
  const { tenant } = callerOf(request)
  const entity = await server.registry.entity(tenant, params.entity)
  return reportIndexes(entity, await findFillPlace(server.db, tenant, entity.id))
}
