// The dropped fields of an entity, whose values are kept until they are purged.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import type { DroppedField } from '../../lib/schema/change/rollback.ts'
import { countFields } from '../../lib/schema/deletion/field-counts-store.ts'
import {
  type DroppedSelection,
  isPurging,
  listDropped,
  purgeFields,
  selectDropped,
} from '../../lib/schema/deletion/field-purge-store.ts'
import { presentPlan } from '../../lib/schema/plan/present-plan.ts'
import { countDropped, planPurge, requireNothingToPurge } from '../../lib/schema/plan/purge-plan-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { pathEntity } from './definition-schemas.ts'
import { planParameter } from './plan-schemas.ts'
import { dropped, purge } from './version-schemas.ts'

/** Milliseconds that a request waits for the purge that it has begun. */
const PURGE_PATIENCE = 2000

const names = (description: string) => ({
  type: 'array',
  items: { type: 'string' },
  minItems: 1,
  description,
})

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/schemas/:entity/dropped',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'listDropped',
      summary: 'List the dropped fields',
      description: 'A rollback to `version` brings a field back, with its values unless they are purged.',
      params: pathEntity,
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: {
          counts: {
            type: 'boolean',
            description: 'Whether to count the records that have values, and their bytes',
          },
        },
      },
      response: { 200: { type: 'array', items: dropped, description: 'Fields, last dropped first' } },
      refusals: ['entityNotFound'],
    },
    handler: list,
  },
  {
    method: 'POST',
    url: '/schemas/:entity/purge',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'purgeDropped',
      summary: 'Purge the values of dropped fields',
      description:
        'For good: a rollback brings such a field back without them. Carried out in the background, beside other requests; of records alone, not of files.',
      params: pathEntity,
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: {
          preview: { type: 'boolean', description: 'Only the plan: which fields, and how much it is' },
          ...planParameter,
        },
      },
      body: {
        type: ['object', 'null'],
        additionalProperties: false,
        properties: {
          keys: names('The `key` of each, as the list of dropped fields has it'),
          fields: names('Or their names; by default all'),
        },
      },
      response: {
        200: { description: 'The purge is done, or previewed', ...purge },
        202: { description: 'The purge goes on in the background', ...purge },
      },
      refusals: ['entityNotFound', 'planNotFound', 'planMismatch', 'planRequired', 'schemaChanged'],
    },
    handler: purgeDropped,
  },
]

/** Adds the routes. */
export default async function droppedFields(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

type ListRequest = FastifyRequest<{ Params: { entity: string }; Querystring: { counts?: boolean } }>

async function list(request: ListRequest) {
  const { entity, tenant } = await entityOf(request)
  const found = await listDropped(request.server.db, tenant, entity)
  return request.query.counts ? counted(request, found) : found
}

async function entityOf(request: FastifyRequest<{ Params: { entity: string } }>) {
  const { tenant } = callerOf(request)
  return { tenant, entity: await request.server.registry.entity(tenant, request.params.entity) }
}

async function counted(request: FastifyRequest<{ Params: { entity: string } }>, found: DroppedField[]) {
  const { entity, tenant } = await entityOf(request)
  const keys = found.map(({ key }) => key)
  const counts = await countFields(request.server.db, tenant, { entity, keys })
  return found.map((field) => ({ ...field, ...counts.get(field.key) }))
}

type PurgeRequest = FastifyRequest<{
  Params: { entity: string }
  Querystring: { preview?: boolean; plan?: string }
  Body: DroppedSelection | null | undefined
}>

async function purgeDropped(request: PurgeRequest, reply: FastifyReply) {
  const { query, server } = request
  const { entity, tenant } = await entityOf(request)
  const author = callerOf(request)
  const selection = request.body ?? {}
  if (query.preview || query.plan === undefined) {
    const found = selectDropped(await listDropped(server.db, tenant, entity), selection)
    const counts = await countDropped(server.db, { entity, author }, found)
    if (query.preview)
      return { ...presentPlan(await planPurge(server.db, { entity, author }, counts)), state: 'preview' }
    requireNothingToPurge(counts)
  }
  const purge = { ...selection, entity: entity.name, plan: query.plan }
  const fields = await purgeFields(server.db, author, purge)
  await Promise.race([server.purges.run(), sleep(PURGE_PATIENCE, undefined, { ref: false })])
  const running = await isPurging(server, entity)
  return reply.code(running ? 202 : 200).send({ state: running ? 'running' : 'done', fields })
}
