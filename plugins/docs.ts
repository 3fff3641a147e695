// The documentation: OpenAPI 3.1 of every route at /docs/json, and a page to read it and try it at /docs, offline.
// A route gives summary, tags, operationId, bodies and its own refusals; what follows from its access is added here.
import swagger, { type SwaggerTransform } from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Access } from '../lib/auth/roles.ts'
import { INFO, PROBLEM, SECURITY_SCHEMES, TAGS } from '../lib/openapi/document.ts'
import { ANY_FAILURE, type ErrorName, impliedRefusals, problemResponses } from '../lib/openapi/refusals.ts'

declare module 'fastify' {
  interface FastifySchema {
    /** The rows of the error catalogue this route may answer with, beside those of its access and its input. */
    refusals?: readonly ErrorName[]
  }
}

const PREFIX = '/docs'
const DOCUMENTS = new Set([`${PREFIX}/json`, `${PREFIX}/yaml`])

/** Everything the page may load is our own; styles in attributes are what Swagger UI writes. */
const PAGE_POLICY = {
  'default-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'self'",
  'frame-ancestors': "'none'",
  'img-src': "'self' data:",
  'object-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self' 'unsafe-inline'",
}

const SIGNED_IN: Record<string, string[]>[] = [{ password: [] }, { bearer: [] }]

/** What the document says of a route beyond its own schema. */
function describeRoute({ schema = {}, config }: RouteOptions) {
  const access = (config as { access?: Access } | undefined)?.access ?? 'public'
  const input = { body: schema.body !== undefined, parameters: schema.querystring !== undefined }
  return {
    access,
    refusals: [...impliedRefusals(access, input), ...(schema.refusals ?? [])],
    security: access === 'public' ? [] : SIGNED_IN,
  }
}

const transform: SwaggerTransform = ({ schema = {}, url, route }) => {
  const { access, refusals, security } = describeRoute(route)
  return { schema: { ...schema, security, 'x-access': access, 'x-refusals': refusals }, url }
}

interface Operation {
  responses: Record<string, unknown>
  'x-refusals'?: ErrorName[]
}

/** The error responses go in last: the plugin's own rendering of responses knows no shared references. */
function addRefusals(document: { paths?: object }): object {
  for (const path of Object.values(document.paths ?? {})) {
    for (const operation of Object.values(path as Record<string, Operation>)) {
      const refusals = problemResponses(operation['x-refusals'] ?? [])
      operation.responses = { ...operation.responses, ...refusals, default: ANY_FAILURE }
      delete operation['x-refusals']
    }
  }
  return document
}

/** The page is for anyone; its document depends on who asks. */
function declareAccess({ url, config = {} }: RouteOptions): object | undefined {
  if (url !== PREFIX && !url.startsWith(`${PREFIX}/`)) return undefined
  return { ...config, access: DOCUMENTS.has(url) ? 'anyone' : 'public' }
}

async function docs(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: INFO,
      tags: TAGS,
      servers: [{ url: '/' }],
      components: { securitySchemes: SECURITY_SCHEMES, schemas: { Problem: PROBLEM } },
    },
    transform,
    transformObject: (document) => addRefusals('openapiObject' in document ? document.openapiObject : {}),
  })
  app.addHook('onRoute', (route) => {
    route.config = declareAccess(route) ?? route.config
  })
  await app.register(swaggerUi, {
    routePrefix: PREFIX,
    staticCSP: PAGE_POLICY,
    uiConfig: { displayRequestDuration: true },
    theme: { title: INFO.title },
  })
}

export default fp(docs, { name: 'docs', dependencies: ['registry'] })
