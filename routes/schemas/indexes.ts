// The indexes of an entity: for its admins, who never have to make one.
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { findFillPlace } from '../../lib/indexing/fill-progress-store.ts'
import { reportIndexes } from '../../lib/indexing/index-report.ts'

type EntityRequest = FastifyRequest<{ Params: { entity: string } }>

const index = {
  type: 'object',
  required: ['field', 'slot', 'state', 'progress', 'reason', 'why'],
  properties: {
    field: { type: 'string', examples: ['age'] },
    slot: { type: 'integer', minimum: 1, maximum: 12, description: 'Each entity has twelve' },
    state: { type: 'string', enum: ['filling', 'ready'], description: 'Queries use it once it is ready' },
    progress: { type: 'number', minimum: 0, maximum: 1, description: 'How much of the records is in it' },
    reason: { type: 'string', enum: ['requested', 'automatic'] },
    why: { type: 'string', description: 'The reason in words' },
  },
}

const schema = {
  tags: ['Schemas'],
  operationId: 'listIndexes',
  summary: 'List the indexes of an entity',
  description: `A field with \`"indexed": true\` has an index, and so has one that the server sees filtered or sorted by
while the entity has many records. New ones are filled beside live traffic; no answer ever depends on them.`,
  params: { type: 'object', required: ['entity'], properties: { entity: { type: 'string' } } },
  response: { 200: { type: 'array', items: index, description: 'In the order of the fields' } },
  refusals: ['entityNotFound'],
} as const

export default async function indexes(app: FastifyInstance): Promise<void> {
  const route = { method: 'GET', url: '/schemas/:entity/indexes', schema, handler: list }
  app.route({ ...route, config: { access: 'admin' } } as RouteOptions)
}

async function list(request: EntityRequest) {
  const { params, server } = request
  const caller = callerOf(request)
  const entity = await server.registry.entity(caller.tenant, params.entity)
  return reportIndexes(entity, await findFillPlace(server.db, caller.tenant, entity.id))
}
