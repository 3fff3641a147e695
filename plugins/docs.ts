// The documentation: OpenAPI 3.1 at /docs/json, for whoever asks, and a page to read it and try it at /docs, offline.
// A route gives summary, tags, operationId, bodies and its own refusals; what follows from its access is added here.
import swagger, { type SwaggerTransform, type SwaggerTransformObject } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { LRUCache } from 'lru-cache'
import { allowedMethods, decide, isClosed, type Policy } from '../lib/access/policy.ts'
import { type Access, NOBODY } from '../lib/access/roles.ts'
import { type Caller, callerOf } from '../lib/auth/caller.ts'
import type { Entity } from '../lib/entities/entity.ts'
import type { ErrorName } from '../lib/errors.ts'
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
import { followCaller, PAGE_STYLE } from '../lib/openapi/page.ts'
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

/** Everything the page may load or run is our own file. */
const PAGE_POLICY = {
  'default-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'img-src': "'self' data:",
  'object-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
}

const PAGE = {
  layout: 'BaseLayout',
  plugins: [followCaller],
  defaultModelExpandDepth: 3,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
}

/** Completes a route's own words; the refusals become responses when the whole document is known. */
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
  summary: 'This document: with a token exactly what its owner may do',
  response: { 200: { description: 'OpenAPI 3.1', type: 'object', additionalProperties: true } },
}

/** The page is for anyone; its document depends on who asks. */
function declareAccess(route: RouteOptions): void {
  const { url } = route
  if (url !== PREFIX && !url.startsWith(`${PREFIX}/`)) return
  route.config = { ...route.config, access: DOCUMENTS.has(url) ? 'anyone' : 'public' }
  if (url === `${PREFIX}/json`) route.schema = ABOUT_DOCUMENT
}

function rendered(document: Parameters<SwaggerTransformObject>[0]): object {
  return 'openapiObject' in document ? staticDocument(document.openapiObject as OpenApiDocument) : {}
}

/** Writes what the caller may do: once for all that ask with the same rights, kept while his tenant's metadata is in force. */
function callerDocuments(app: FastifyInstance) {
  const { registry } = app
  const cache = new LRUCache<string, string, Pick<Caller, 'tenant' | 'role'>>({
    maxSize: CACHE_SIZE,
    sizeCalculation: ({ length }) => length,
    // One that is evicted while it is written still goes to whoever waits for it.
    ignoreFetchAbort: true,
    fetchMethod: async (_key, _stale, { context: { tenant, role } }) => {
      const entities = await registry.entities(tenant)
      const permissions = await registry.permissions(tenant, role)
      const user = { id: NOBODY, username: '', role }
      const shown = entities.flatMap((entity) => {
        const policy = decide(user, entity, permissions.get(entity.id))
        return isClosed(policy) ? [] : [[policy.visible, { entity, policy }] as const]
      })
      const open = new Map<Entity, { entity: Entity; policy: Policy }>(shown)
      const schemasOf = (visible: Entity) => {
        const { entity, policy } = open.get(visible) as { entity: Entity; policy: Policy }
        return { ...registry.schemas(entity, policy), methods: allowedMethods(policy) }
      }
      return callerDocument(app.swagger() as OpenApiDocument, role, { entities: [...open.keys()], schemasOf })
    },
  })
  return async (request: FastifyRequest) => {
    const { tenant, role } = callerOf(request)
    // Refused by the database when the epoch is old: then everything is read again.
    await registry.confirm(tenant)
    return cache.fetch(`${tenant.id}:${tenant.epoch}:${role}`, { context: { tenant, role } })
  }
}

async function docs(app: FastifyInstance): Promise<void> {
  const documentFor = callerDocuments(app)

  async function sendDocument(request: FastifyRequest, reply: FastifyReply) {
    if (!DOCUMENTS.has(request.routeOptions.url ?? '')) return
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
    theme: { title: INFO.title, css: [{ filename: 'page.css', content: PAGE_STYLE }] },
  })
}

export default fp(docs, { name: 'docs', dependencies: ['current-metadata', 'public-url'] })
