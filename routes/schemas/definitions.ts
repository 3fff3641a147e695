// Entities: an admin describes one here, and its API exists in the next request.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { decide, isClosed } from '../../lib/access/policy.ts'
import type { Access } from '../../lib/access/roles.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { errors } from '../../lib/errors.ts'
import { acceptedVersions, isNotModified } from '../../lib/http/etag.ts'
import { createEntity, readDefinition, removeEntity } from '../../lib/schema/change/definition-store.ts'
import { replaceEntity } from '../../lib/schema/change/replace-store.ts'
import { presentDefinition } from '../../lib/schema/definition/present-definition.ts'
import { jsonSchema } from '../../lib/schema/json-schema/record-schemas.ts'
import { schemaDocs } from './definition-docs.ts'

type EntityRequest = FastifyRequest<{ Params: { entity: string } }>

type Handler = (request: EntityRequest, reply: FastifyReply) => Promise<unknown>

type Row = [method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, access: Access, handler: Handler]

const ROUTES: readonly Row[] = [
  ['POST', '/schemas/', 'admin', create],
  ['GET', '/schemas/', 'user', list],
  ['GET', '/schemas/:entity', 'user', get],
  ['PUT', '/schemas/:entity', 'admin', replace],
  ['DELETE', '/schemas/:entity', 'admin', remove],
  ['GET', '/schemas/:entity/json-schema', 'user', getJsonSchema],
]

export default async function schemas(app: FastifyInstance): Promise<void> {
  // The grammar of definitions refuses by itself, with every violation at once.
  app.setValidatorCompiler(() => () => true)
  for (const [method, url, access, handler] of ROUTES) {
    const schema = schemaDocs[`${method} ${url}`] ?? {}
    app.route({ method, url, schema, config: { access }, handler: handler as RouteHandlerMethod })
  }
}

async function create({ body, caller, server }: EntityRequest, reply: FastifyReply) {
  const parsed = await readDefinition(server.db, caller.tenant, body, { segments: server.routeSegments })
  const entity = await createEntity(server.db, caller, parsed)
  reply.code(201).header('location', `/schemas/${entity.name}`)
  return sendEntity(reply, entity)
}

async function list({ caller, server }: EntityRequest) {
  const { registry } = server
  const entities = await registry.entities(caller.tenant)
  const permissions = await registry.permissions(caller.tenant, caller.role)
  await registry.confirm(caller.tenant)
  const policies = entities.map((entity) => decide(caller, entity, permissions.get(entity.id)))
  return policies.filter((policy) => !isClosed(policy)).map(({ visible }) => presentDefinition(visible))
}

async function get(request: EntityRequest, reply: FastifyReply) {
  const entity = await presentEntityOf(request)
  if (isKnown(request, entity)) return reply.code(304).header('etag', entityEtag(entity)).send()
  return sendEntity(reply, entity)
}

async function replace(request: EntityRequest, reply: FastifyReply) {
  const { caller, server, body } = request
  const { name } = await entityOf(request)
  const context = { segments: server.routeSegments, current: name }
  const parsed = await readDefinition(server.db, caller.tenant, body, context)
  const versions = acceptedVersions(request.headers['if-match'])
  const entity = await replaceEntity(server, {
    tenantId: caller.tenant.id,
    parsed,
    versions,
    actor: caller,
  })
  server.indexer.wake()
  return sendEntity(reply, entity)
}

async function remove(request: EntityRequest, reply: FastifyReply) {
  const versions = acceptedVersions(request.headers['if-match'])
  await removeEntity(request.server.db, request.caller, request.params.entity, versions)
  return reply.code(204).send()
}

async function getJsonSchema(request: EntityRequest, reply: FastifyReply) {
  const entity = await presentEntityOf(request)
  reply.header('etag', entityEtag(entity))
  if (isKnown(request, entity)) return reply.code(304).send()
  return reply.type('application/schema+json').send(JSON.stringify(jsonSchema(entity)))
}

function entityOf({ caller, params, server }: EntityRequest): Promise<Entity> {
  return server.registry.entity(caller.tenant, params.entity)
}

/** What the caller may see of the entity; the database confirms that it is still so. errors.entityNotFound. */
async function presentEntityOf(request: EntityRequest): Promise<Entity & { view: string }> {
  const { caller, server } = request
  const entity = await entityOf(request)
  const permissions = await server.registry.permissions(caller.tenant, caller.role)
  const policy = decide(caller, entity, permissions.get(entity.id))
  await server.registry.confirm(caller.tenant)
  if (isClosed(policy)) throw errors.entityNotFound(request.params.entity)
  return { ...policy.visible, view: policy.visible === entity ? '' : `-${policy.view}` }
}

/**
 * The version comes first, as in a record's tag, so that If-Match reads both alike. Then which entity of this name it is:
 * by its time, since its id would tell how many there are on the server.
 */
function entityEtag({ createdAt, version, view = '' }: Entity & { view?: string }): string {
  return `"${version}-${Date.parse(createdAt).toString(36)}${view}"`
}

function isKnown({ headers }: EntityRequest, entity: Entity): boolean {
  return isNotModified(headers['if-none-match'], entityEtag(entity))
}

function sendEntity(reply: FastifyReply, entity: Entity) {
  return reply.header('etag', entityEtag(entity)).send(presentDefinition(entity))
}
