// The definitions of entities: an admin creates one, and the entity's API serves the next request.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { isNotModified } from '../../lib/http/etag.ts'
import { createEntity, readDefinition } from '../../lib/schema/change/definition-store.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { applyChange } from '../../lib/schema/plan/apply-store.ts'
import { visibleEntity } from '../../lib/schema/registry/visible-entities.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { takeBodiesAsSent } from './body-as-sent.ts'
import { etagOf } from './definition-etag.ts'
import { definition, ifMatch, ifNoneMatch, notModified, pathEntity } from './definition-schemas.ts'
import { planParameter } from './plan-schemas.ts'
import { replacementOf } from './replacement.ts'

type EntityRequest = FastifyRequest<{ Params: { entity: string } }>

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/schemas/',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'createEntity',
      summary: 'Create an entity',
      description: 'Its records can be created with the very next request.',
      body: definition,
      response: { 201: definition },
      refusals: ['invalidDefinition', 'entityExists', 'quotaExceeded'],
    },
    handler: create,
  },
  {
    method: 'GET',
    url: '/schemas/:entity',
    access: 'user',
    schema: {
      tags: ['Schemas'],
      operationId: 'getEntity',
      summary: 'Get the definition of an entity',
      params: pathEntity,
      headers: ifNoneMatch,
      response: { 200: definition, 304: notModified },
      refusals: ['entityNotFound'],
    },
    handler: read,
  },
  {
    method: 'PUT',
    url: '/schemas/:entity',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'replaceEntity',
      summary: 'Replace the definition of an entity',
      description:
        'Refused without any change when existing records violate the new definition. Values follow their fields to other types, as far as each converts; `convert` says how where the type alone does not.',
      params: pathEntity,
      headers: ifMatch,
      querystring: { type: 'object', additionalProperties: false, properties: planParameter },
      body: definition,
      response: { 200: definition },
      refusals: [
        ...([
          'invalidDefinition',
          'cannotConvert',
          'entityNotFound',
          'planNotFound',
          'recordsViolate',
        ] as const),
        ...(['planMismatch', 'planOutdated', 'changeInProgress', 'nameIsAlias', 'schemaChanged'] as const),
        ...(['planRequired', 'quotaExceeded'] as const),
      ],
    },
    handler: replace,
  },
]

/** Adds the routes. */
export default async function schemas(app: FastifyInstance): Promise<void> {
  takeBodiesAsSent(app)
  defineRoutes(app, routes)
}

async function create(request: FastifyRequest, reply: FastifyReply) {
  const { db, routeSegments: segments } = request.server
  const parsed = await readDefinition(db, callerOf(request).tenant, request.body, { segments })
  const entity = await createEntity(db, callerOf(request), parsed)
  reply.code(201).header('location', `/schemas/${entity.name}`)
  return sendDefinition(reply, entity)
}

async function read(request: EntityRequest, reply: FastifyReply) {
  const { headers, params, server } = request
  const { entity, view } = await visibleEntity(server.registry, callerOf(request), params.entity)
  if (isNotModified(headers['if-none-match'], etagOf(entity, view)))
    return sendNotModified(reply, entity, view)
  return sendDefinition(reply, entity, view)
}

type ReplaceRequest = FastifyRequest<{ Params: { entity: string }; Querystring: { plan?: string } }>

async function replace(request: ReplaceRequest, reply: FastifyReply) {
  const { query, server } = request
  const replacement = await replacementOf(request)
  const { entity, warnings } = await applyChange(server, { kind: 'change', replacement }, query.plan)
  server.indexer.wake()
  const told = warnings.length === 0 ? {} : { warnings }
  return reply.header('etag', etagOf(entity)).send({ ...presentDefinition(entity), ...told })
}

function sendNotModified(reply: FastifyReply, entity: Entity, view: string) {
  return reply.code(304).header('etag', etagOf(entity, view)).send()
}

function sendDefinition(reply: FastifyReply, entity: Entity, view = '') {
  return reply.header('etag', etagOf(entity, view)).send(presentDefinition(entity))
}
