// The definitions of entities: an admin creates one, and the entity's API serves the next request.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { acceptedVersions, isNotModified } from '../../lib/http/etag.ts'
import { DEFAULT_GRACE_DAYS, graceOf } from '../../lib/schema/change/aliases.ts'
import { createEntity, readDefinition } from '../../lib/schema/change/definition-store.ts'
import { replaceEntity } from '../../lib/schema/change/replace-store.ts'
import type { Replacement } from '../../lib/schema/change/replacement.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { visibleEntity } from '../../lib/schema/registry/visible-entities.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { begunChange, sendBegun } from './begun.ts'
import { etagOf } from './definition-etag.ts'
import { definition, ifMatch, ifNoneMatch, notModified, pathEntity } from './definition-schemas.ts'

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
      description: 'Refused without any change when existing records violate the new definition.',
      params: pathEntity,
      headers: ifMatch,
      body: definition,
      response: {
        200: definition,
        202: begunChange,
      },
      refusals: [
        'invalidDefinition',
        'entityNotFound',
        'recordsViolate',
        'schemaChanged',
        'quotaExceeded',
        'changeInProgress',
        'tooManyChanges',
      ],
    },
    handler: replace,
  },
]

/** Adds the routes. */
export default async function schemas(app: FastifyInstance): Promise<void> {
  // The grammar of definitions reports every violation at once.
  app.setValidatorCompiler(() => () => true)
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

async function replace(request: EntityRequest, reply: FastifyReply) {
  const { body, params, server } = request
  const { tenant } = callerOf(request)
  const current = await server.registry.entity(tenant, params.entity)
  const context = { segments: server.routeSegments, current }
  const parsed = await readDefinition(server.db, tenant, body, context)
  const versions = acceptedVersions(request.headers['if-match'])
  const grace = graceOf(server.clock.now(), DEFAULT_GRACE_DAYS)
  const { name } = current
  const replacement: Replacement = {
    action: 'schema.change',
    tenantId: tenant.id,
    name,
    revise: () => parsed,
    versions,
    grace,
    actor: callerOf(request),
    isAbandoned: () => request.raw.socket.destroyed,
  }
  const replaced = await replaceEntity(server, replacement)
  if (replaced.begun !== undefined) return sendBegun(request, reply, { ...replaced, begun: replaced.begun })
  const { entity, warnings } = replaced
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
