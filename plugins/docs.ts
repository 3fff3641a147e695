// The documentation: OpenAPI 3.1 at /docs/json, as the caller may see it, and a page to read it and try it at /docs, offline.
// A route has summary, tags, operationId, bodies and its own refusals; those that follow from its access are added here.
import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import { decide, type Policy } from '../lib/access/policy.ts'
import { allowedMethods, isClosed } from '../lib/access/reach.ts'
import { type Access, NOBODY } from '../lib/access/roles.ts'
import { type Caller, callerOf } from '../lib/auth/caller.ts'
import type { Entity } from '../lib/entities/entity.ts'
import { type ErrorName, errors } from '../lib/errors.ts'
import { hasUploadRight } from '../lib/files/upload-access-store.ts'
import { hasPath } from '../lib/http/public-base.ts'
import { callerDocument } from '../lib/openapi/caller-document.ts'
import {
  INFO,
  PROBLEM,
  SECURITY_SCHEMES,
  SIGNED_IN,
  SIGNED_IN_OR_VISITOR,
  TAGS,
  X_TENANT,
} from '../lib/openapi/document.ts'
import { PAGE, PAGE_POLICY, PAGE_SCRIPT, PAGE_STYLE } from '../lib/openapi/page/page.ts'
import { documentUnder } from '../lib/openapi/public-address.ts'
import type { OpenApiDocument } from '../lib/openapi/reference.ts'
import { impliedRefusals } from '../lib/openapi/refusals.ts'
import { staticDocument } from '../lib/openapi/static-document.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** The rows of the error catalogue this route may answer with, beside those of its access and its input. */
    refusals?: readonly ErrorName[]
  }
}

const PREFIX = '/docs'

const DOCUMENTS = new Set([`${PREFIX}/json`, `${PREFIX}/yaml`])

/** Characters of callers' documents that are kept. */
const CACHE_SIZE = 32 * 1024 * 1024

/** Completes a route's own documentation; the refusals become responses when the whole document is known. */
const transform: SwaggerTransform = ({ schema, url, route }) => {
  const access = route.config?.access ?? 'operator'
  const input = { body: schema?.body !== undefined, parameters: schema?.querystring !== undefined }
  const refusals = [...impliedRefusals(access, input), ...(schema?.refusals ?? [])]
  const security = securityOf(access)
  const headers = access === 'visitor' ? { headers: { properties: { 'X-Tenant': X_TENANT } } } : {}
  return { schema: { ...schema, ...headers, security, 'x-access': access, 'x-refusals': refusals }, url }
}

function securityOf(access: Access) {
  if (access === 'public') return []
  return access === 'visitor' ? SIGNED_IN_OR_VISITOR : SIGNED_IN
}

const ABOUT_DOCUMENT = {
  tags: ['Operation'],
  operationId: 'getDocument',
  summary: 'Get the OpenAPI document: with a token, exactly what the caller may do',
  querystring: {
    type: 'object',
    additionalProperties: false,
    properties: {
      entity: { type: 'string', description: 'The operations of this entity alone.', examples: ['student'] },
      brief: {
        type: 'boolean',
        description: 'The operations of entities without parameters, bodies and responses.',
      },
    },
  },
  response: { 200: { description: 'OpenAPI 3.1', type: 'object', additionalProperties: true } },
  refusals: ['invalidParameter', 'entityNotFound'] as const,
}

type DocumentQuery = { entity?: string; brief?: boolean }

/** The page is for anyone; its document depends on who asks. */
function declareAccess(route: RouteOptions): void {
  const { url } = route
  if (url !== PREFIX && !url.startsWith(`${PREFIX}/`)) return
  route.config = { ...route.config, access: DOCUMENTS.has(url) ? 'anyone' : 'public' }
  if (url === `${PREFIX}/json`) route.schema = ABOUT_DOCUMENT
  if (url === `${PREFIX}/yaml`) route.schema = { ...ABOUT_DOCUMENT, hide: true }
}

function rendered(document: Parameters<SwaggerTransformObject>[0]): object {
  return 'openapiObject' in document ? staticDocument(document.openapiObject as OpenApiDocument) : {}
}

interface Reader extends Pick<Caller, 'tenant' | 'role'> {
  query: DocumentQuery
}

/** The entities that the reader may use, all or the one asked for, each with its policy. */
async function openEntities({ registry }: FastifyInstance, { tenant, role, query: { entity } }: Reader) {
  const entities =
    entity === undefined ? await registry.entities(tenant) : [await registry.entity(tenant, entity)]
  const permissions = await registry.permissions(tenant, role)
  const user = { id: NOBODY, username: '', role }
  const decided = entities.map((one) => ({ entity: one, policy: decide(user, one, permissions) }))
  const open = decided.filter(({ policy }) => !isClosed(policy))
  if (entity !== undefined && open.length === 0) throw errors.entityNotFound(entity)
  return new Map(open.map((one): [Entity, typeof one] => [one.policy.visible, one]))
}

async function writeDocument(app: FastifyInstance, reader: Reader): Promise<string> {
  const open = await openEntities(app, reader)
  const schemasOf = (visible: Entity) => {
    const { entity, policy } = open.get(visible) as { entity: Entity; policy: Policy }
    return { ...app.registry.schemas(entity, policy), methods: allowedMethods(policy) }
  }
  const { entity, brief } = reader.query
  const part = entity !== undefined ? 'entity' : brief ? 'brief' : 'whole'
  const entities = [...open.keys()]
  return callerDocument(
    app.swagger() as OpenApiDocument,
    { role: reader.role, part, without: (await hasUploadRight(app, reader)) ? [] : ['uploadFile'] },
    { entities, schemasOf },
  )
}

/** The documents of callers: each written once for all who have the same rights, kept while the tenant's metadata is in force. */
function callerDocuments(app: FastifyInstance) {
  const cache = new LRUCache<string, string, Reader>({
    maxSize: CACHE_SIZE,
    sizeCalculation: ({ length }) => length,
    // One that is evicted while it is written still goes to the callers that wait for it.
    ignoreFetchAbort: true,
    fetchMethod: (_key, _stale, { context }) => writeDocument(app, context),
  })
  return async (request: FastifyRequest) => {
    const { tenant, role } = callerOf(request)
    const query = request.query as DocumentQuery
    // Refused by the database when the epoch is old: then everything is read again.
    await app.registry.confirm(tenant)
    const key = [tenant.id, tenant.epoch, role, query.entity ?? '', query.brief === true].join(':')
    return cache.fetch(key, { context: { tenant, role, query } })
  }
}

async function docs(app: FastifyInstance): Promise<void> {
  const documentFor = callerDocuments(app)

  async function sendDocument(request: FastifyRequest, reply: FastifyReply) {
    // The page names its parts relative to its own path only below a path that ends with a slash.
    if (request.url.split('?', 1)[0] === PREFIX && hasPath(app.publicBase(request)))
      return reply.redirect(`${PREFIX}/`)
    if (!DOCUMENTS.has(request.routeOptions.url ?? '')) return
    if (request.caller === null && (request.query as DocumentQuery).entity !== undefined)
      throw errors.unauthenticated()
    const text =
      request.caller === null
        ? JSON.stringify(app.swagger())
        : await app.onCurrentMetadata(request, () => documentFor(request))
    // JSON is YAML too.
    const here = documentUnder(app.publicBase(request), text ?? '')
    return reply.type('application/json; charset=utf-8').send(here)
  }

  const openapi = {
    openapi: '3.1.0',
    info: INFO,
    tags: TAGS,
    servers: [{ url: '/' }],
    components: { securitySchemes: SECURITY_SCHEMES, schemas: { Problem: PROBLEM } },
  }
  app.addHook('onRoute', declareAccess)
  await app.register(swagger, { openapi, transform, transformObject: rendered })
  await app.register(swaggerUi, {
    routePrefix: PREFIX,
    staticCSP: PAGE_POLICY,
    uiConfig: PAGE,
    uiHooks: { preHandler: sendDocument },
    theme: {
      title: INFO.title,
      css: [{ filename: 'page.css', content: PAGE_STYLE }],
      js: [{ filename: 'page.js', content: PAGE_SCRIPT }],
    },
  })
}

export default fp(docs, { name: 'docs', dependencies: ['current-metadata', 'public-url'] })
