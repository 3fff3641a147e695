// Records whose values do not fit a change: what is in the way of one that is being prepared, and what a quarantine keeps.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { errors } from '../../lib/errors.ts'
import { listMisfits } from '../../lib/schema/conversion/misfit-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { pathEntity } from './definition-schemas.ts'

const DEFAULT_LIMIT = 100

const MAX_LIMIT = 1000

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/schemas/:entity/misfits',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'listMisfits',
      summary: 'List the values that do not fit a change of the definition',
      description:
        'While a change is being prepared: what is in its way. Afterwards: what `"otherwise": "quarantine"` has kept. A write of the field takes its record off the list.',
      params: pathEntity,
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: {
          field: { type: 'string', description: 'Of this field alone', examples: ['size'] },
          limit: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
          after: {
            type: 'string',
            format: 'uuid',
            description:
              'With `field`: only records with a higher id, such as the last one of the page before',
          },
        },
      },
      response: {
        200: {
          type: 'array',
          description: 'By field and id',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              field: { type: 'string' },
              value: { description: 'As it is stored; null: unset' },
              reason: { type: 'string', examples: ['must be an integer'] },
            },
          },
        },
      },
      refusals: ['entityNotFound', 'unknownField'],
    },
    handler: list,
  },
]

/** Adds the routes. */
export default async function misfits(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

/** Of each field with misfits: its name, and the keys under which they are listed and their values stand. */
function listedFields({ fields, pending }: Entity) {
  const kept = fields.flatMap(({ name, key, from = [] }) =>
    from.flatMap((former) => (former.listed ? [{ name, key, source: former.key }] : [])),
  )
  const coming = (pending?.fields ?? []).map(({ from, to }) => {
    return { name: to.name, key: to.key, source: from?.key ?? to.key }
  })
  return [...kept, ...coming]
}

type ListRequest = FastifyRequest<{
  Params: { entity: string }
  Querystring: { field?: string; limit?: number; after?: string }
}>

async function list(request: ListRequest) {
  const { params, query, server } = request
  const { field, limit = DEFAULT_LIMIT, after } = query
  const { tenant } = callerOf(request)
  const entity = await server.registry.entity(tenant, params.entity)
  const names = entity.fields.map(({ name }) => name)
  const listed = listedFields(entity)
  const known = [...new Set([...names, ...listed.map(({ name }) => name)])]
  if (field !== undefined && !known.includes(field)) throw errors.unknownField(field, known)
  const wanted = listed.filter(({ name }) => field === undefined || name === field)
  const sources = new Map(wanted.map(({ key, source }) => [key, source]))
  const [first] = wanted
  const from = after === undefined || first === undefined ? undefined : { key: first.key, id: after }
  const found = await listMisfits(server.db, tenant, entity, { sources, after: from, limit })
  const nameOf = new Map(wanted.map(({ key, name }) => [key, name]))
  return found.map(({ id, key, value, reason }) => ({ id, field: nameOf.get(key), value, reason }))
}
