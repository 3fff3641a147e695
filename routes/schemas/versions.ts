// The versions of a definition: every change of it, and what differs between two.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { isNotModified } from '../../lib/http/etag.ts'
import { diffDefinitions } from '../../lib/schema/change/diff.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { findVersion, listVersions } from '../../lib/schema/version-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { definition, ifNoneMatch, notModified, pathEntity } from './definition-schemas.ts'
import { difference, pathVersion, version } from './version-schemas.ts'

type EntityRequest = FastifyRequest<{
  Params: { entity: string }
  Querystring: { limit: number; before?: number }
}>

type VersionRequest = FastifyRequest<{
  Params: { entity: string; version: string }
  Querystring: { to?: number }
}>

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/schemas/:entity/versions',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'listVersions',
      summary: 'List the versions of a definition',
      params: pathEntity,
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: {
          limit: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
          before: { type: 'integer', minimum: 1, description: 'Only versions below this one: the next page' },
        },
      },
      response: { 200: { type: 'array', items: version, description: 'Versions, newest first' } },
      refusals: ['entityNotFound'],
    },
    handler: list,
  },
  {
    method: 'GET',
    url: '/schemas/:entity/versions/:version',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'getVersion',
      summary: 'Get the definition as of a version',
      params: pathVersion,
      headers: ifNoneMatch,
      response: { 200: definition, 304: notModified },
      refusals: ['entityNotFound', 'versionNotFound'],
    },
    handler: read,
  },
  {
    method: 'GET',
    url: '/schemas/:entity/versions/:version/diff',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'diffVersions',
      summary: 'Get the changes from one version to another',
      params: pathVersion,
      querystring: {
        type: 'object',
        additionalProperties: false,
        properties: { to: { type: 'integer', minimum: 1, description: 'By default the version in force' } },
      },
      response: { 200: { description: 'The changes', ...difference } },
      refusals: ['entityNotFound', 'versionNotFound'],
    },
    handler: diff,
  },
]

/** Adds the routes. */
export default async function versions(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

function entityOf(request: FastifyRequest<{ Params: { entity: string } }>): Promise<Entity> {
  return request.server.registry.entity(callerOf(request).tenant, request.params.entity)
}

async function list(request: EntityRequest) {
  const { limit, before } = request.query
  const { tenant } = callerOf(request)
  const found = await listVersions(request.server.db, tenant, await entityOf(request), { limit, before })
  return found.map(({ version: number, createdAt, createdBy, author, summary, plan }) => ({
    version: number,
    created_at: createdAt,
    by: author === null ? null : { id: createdBy, username: author },
    summary,
    plan,
  }))
}

async function read(request: VersionRequest, reply: FastifyReply) {
  const { db } = request.server
  const entity = await entityOf(request)
  const found = await findVersion(db, callerOf(request).tenant, entity, request.params.version)
  const etag = `"${found.version}-${Date.parse(entity.createdAt).toString(36)}-v"`
  reply.header('etag', etag)
  if (isNotModified(request.headers['if-none-match'], etag)) return reply.code(304).send()
  return reply.send(presentDefinition(found))
}

async function diff(request: VersionRequest) {
  const { db } = request.server
  const { tenant } = callerOf(request)
  const entity = await entityOf(request)
  const from = await findVersion(db, tenant, entity, request.params.version)
  const { to } = request.query
  const target = to === undefined ? entity : await findVersion(db, tenant, entity, String(to))
  return { from: from.version, to: target.version, changes: diffDefinitions(from, target) }
}
