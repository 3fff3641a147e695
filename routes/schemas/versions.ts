// The versions of a definition: every change of it, what differs between two, and the way back to one.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { acceptedVersions, isNotModified } from '../../lib/http/etag.ts'
import { DEFAULT_GRACE_DAYS, graceOf } from '../../lib/schema/change/aliases.ts'
import { diffDefinitions } from '../../lib/schema/change/diff.ts'
import { replaceEntity } from '../../lib/schema/change/replace-store.ts'
import { droppedFields, restoredDefinition } from '../../lib/schema/change/rollback.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { findVersion, listVersions } from '../../lib/schema/version-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { etagOf } from './definition-etag.ts'
import { definition, ifMatch, ifNoneMatch, notModified, pathEntity } from './definition-schemas.ts'

type EntityRequest = FastifyRequest<{
  Params: { entity: string }
  Querystring: { limit: number; before?: number }
}>

type VersionRequest = FastifyRequest<{
  Params: { entity: string; version: string }
  Querystring: { to?: number }
}>

const version = {
  type: 'object',
  required: ['version', 'created_at', 'by', 'summary', 'plan'],
  properties: {
    version: { type: 'integer', minimum: 1 },
    created_at: { type: 'string', format: 'date-time' },
    by: {
      type: ['object', 'null'],
      description: 'Null: the server, or a version from before versions were kept',
      properties: { id: { type: ['string', 'null'] }, username: { type: 'string' } },
    },
    summary: { type: 'array', items: { type: 'string' }, description: 'What changed, in words' },
    plan: { type: ['string', 'null'], description: 'The plan that was carried out' },
  },
}

const change = {
  type: 'object',
  required: ['change', 'breaking'],
  properties: {
    field: { type: 'string', description: 'Absent: the entity itself' },
    change: {
      type: 'string',
      enum: [
        'added',
        'dropped',
        'renamed',
        'type',
        'tightened',
        'loosened',
        'described',
        'label',
        'description',
        'unique',
      ],
    },
    from: { description: 'Before' },
    to: { description: 'After' },
    breaking: { type: 'boolean', description: 'Whether clients that fitted before may not fit now' },
  },
}

const difference = {
  type: 'object',
  required: ['from', 'to', 'changes'],
  properties: {
    from: { type: 'integer' },
    to: { type: 'integer' },
    changes: { type: 'array', items: change },
  },
}

const dropped = {
  type: 'object',
  required: ['key', 'name', 'type', 'dropped_at', 'version'],
  properties: {
    key: { type: 'string', description: 'Identifies the field in the versions' },
    name: { type: 'string' },
    type: { type: 'string' },
    dropped_at: { type: ['string', 'null'], format: 'date-time' },
    version: { type: 'integer', description: 'The last version that has it' },
  },
}

const pathVersion = {
  type: 'object',
  required: ['entity', 'version'],
  properties: {
    ...pathEntity.properties,
    version: { type: 'string', description: 'Its number', examples: ['1'] },
  },
}

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
        properties: { preview: { type: 'boolean', description: 'Only what would change' } },
      },
      body: {
        type: 'object',
        required: ['version'],
        additionalProperties: false,
        properties: { version: { type: 'integer', minimum: 1, examples: [1] } },
      },
      response: {
        200: { ...definition, description: 'The definition in force, or with `preview` the changes' },
      },
      refusals: [
        ...(['invalidDefinition', 'entityNotFound', 'versionNotFound', 'recordsViolate'] as const),
        ...(['schemaChanged', 'entityExists', 'nameIsAlias', 'quotaExceeded'] as const),
      ],
    },
    handler: rollBack,
  },
  {
    method: 'GET',
    url: '/schemas/:entity/dropped',
    access: 'admin',
    schema: {
      tags: ['Schemas'],
      operationId: 'listDropped',
      summary: 'List the dropped fields whose values are kept',
      description: 'A rollback to `version` brings a field back.',
      params: pathEntity,
      response: { 200: { type: 'array', items: dropped, description: 'Fields, last dropped first' } },
      refusals: ['entityNotFound'],
    },
    handler: listDropped,
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
  return found.map(({ version: number, createdAt, createdBy, author, summary }) => ({
    version: number,
    created_at: createdAt,
    by: author === null ? null : { id: createdBy, username: author },
    summary,
    plan: null,
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

type RollbackRequest = FastifyRequest<{
  Params: { entity: string }
  Querystring: { preview?: boolean }
  Body: { version: number }
}>

async function rollBack(request: RollbackRequest, reply: FastifyReply) {
  const { body, headers, query, server } = request
  const actor = callerOf(request)
  const current = await entityOf(request)
  const target = await findVersion(server.db, actor.tenant, current, String(body.version))
  if (query.preview) {
    const changes = diffDefinitions(current, target)
    const breaking = changes.some((one) => one.breaking)
    return { base_version: current.version, version: target.version, breaking, changes }
  }
  const { entity } = await replaceEntity(server, {
    tenantId: actor.tenant.id,
    name: current.name,
    revise: (now) => restoredDefinition(now, target),
    grace: graceOf(server.clock.now(), DEFAULT_GRACE_DAYS),
    versions: acceptedVersions(headers['if-match']),
    action: 'schema.rollback',
    actor,
    isAbandoned: () => request.raw.socket.destroyed,
  })
  server.indexer.wake()
  return reply.header('etag', etagOf(entity)).send(presentDefinition(entity))
}

/** Versions that are searched for dropped fields. */
const SEARCHED = 1000

async function listDropped(request: FastifyRequest<{ Params: { entity: string } }>) {
  const entity = await entityOf(request)
  const options = { limit: SEARCHED, before: undefined }
  const versions = await listVersions(request.server.db, callerOf(request).tenant, entity, options)
  return droppedFields(entity, versions)
}
