// The JSON Schema of an entity's records, for clients that validate or build forms.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { isNotModified } from '../../lib/http/etag.ts'
import { jsonSchema, PURPOSES, type Purpose } from '../../lib/schema/json-schema/record-schemas.ts'
import { type VisibleEntity, visibleEntity } from '../../lib/schema/registry/visible-entities.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { etagOf } from './definition-etag.ts'
import { ifNoneMatch, jsonSchemaContent, notModified, pathEntity } from './definition-schemas.ts'

type JsonSchemaRequest = FastifyRequest<{
  Params: { entity: string }
  Querystring: { for?: Purpose; annotations?: boolean }
}>

const query = {
  type: 'object',
  additionalProperties: false,
  properties: {
    for: {
      type: 'string',
      enum: PURPOSES,
      description:
        'A record in a response (the default), the body that creates one, or the body that updates one.',
      examples: ['create'],
    },
    annotations: {
      type: 'boolean',
      description:
        'Whether each property has `x-univera`: the type of the field, its options, group and interface hints. Default: false.',
    },
  },
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/schemas/:entity/json-schema',
    access: 'user',
    schema: {
      tags: ['Schemas'],
      operationId: 'getJsonSchema',
      summary: 'Get the JSON Schema of the records of an entity',
      params: pathEntity,
      querystring: query,
      headers: ifNoneMatch,
      response: { 200: jsonSchemaContent, 304: notModified },
      refusals: ['entityNotFound', 'forbidden'],
    },
    handler: read,
  },
]

/** Adds the route. */
export default async function jsonSchemas(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function read(request: JsonSchemaRequest, reply: FastifyReply) {
  const { headers, params, query, server } = request
  const { for: purpose = 'record', annotations = false } = query
  const visible = await visibleEntity(server.registry, callerOf(request), params.entity)
  const { entity, view } = purpose === 'record' ? visible : writable(visible, purpose)
  const etag = etagOf(entity, view, purpose === 'record' ? '' : purpose, annotations ? 'annotations' : '')
  reply.header('etag', etag)
  if (isNotModified(headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.type('application/schema+json').send(JSON.stringify(jsonSchema(entity, purpose, annotations)))
}

/** The entity with the fields that the caller may write; errors.forbidden unless they may create or update records. */
function writable({ policy }: VisibleEntity, purpose: 'create' | 'update') {
  const { settable, view } = policy
  const rows = purpose === 'create' ? policy.create : policy.updateUsing
  if (rows === false) throw errors.forbidden(`the right to ${purpose} records of ${settable.name}`)
  return { entity: settable, view }
}
