// What a server answers where nothing of a tenant is: its root, which leads people to the page and tells programs what runs
// here, and what browsers and crawlers ask of any site.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { prefersHtml } from '../lib/http/accept.ts'
import { hasPath } from '../lib/http/public-base.ts'
import { INFO } from '../lib/openapi/document.ts'
import { defineRoutes, type Route } from './define-routes.ts'

const text = { type: 'string' }

const about = {
  description: 'What runs here',
  type: 'object',
  required: ['name', 'version', 'docs', 'health'],
  properties: {
    name: text,
    version: text,
    docs: { ...text, description: 'Where the documentation is.' },
    health: { ...text, description: 'Where the server says whether it is ready.' },
  },
}

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/',
    access: 'public',
    schema: {
      tags: ['Operation'],
      operationId: 'getRoot',
      summary: 'Show what runs here',
      description: 'Browsers are redirected to the documentation page.',
      response: { 200: about, 302: { description: 'To the page for people', type: 'null' } },
    },
    handler: root,
  },
  { method: 'GET', url: '/favicon.ico', access: 'public', schema: { hide: true }, handler: favicon },
  { method: 'GET', url: '/robots.txt', access: 'public', schema: { hide: true }, handler: robots },
]

/** Adds the routes. */
export default async function rootRoutes(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function root(request: FastifyRequest, reply: FastifyReply) {
  const base = request.server.publicBase(request)
  reply.header('vary', 'Accept')
  // Behind a proxy that passes on a part of its paths the page has this one alone.
  const docs = hasPath(base) ? '/docs/' : '/docs'
  if (prefersHtml(request.headers.accept)) return reply.redirect(docs)
  return { name: INFO.title, version: INFO.version, docs: base + docs, health: `${base}/health/ready` }
}

const DAY = 'public, max-age=86400'

/** An icon of one image, a PNG of 32 by 32 pixels. */
const ICON = Buffer.from(
  [
    'AAABAAEAICAAAAEAIACjAAAAFgAAAIlQTkcNChoKAAAADUlIRFIAAAAgAAAAIAIDAAAADhSSZwAAAAlQTFRFAAAAJWPr////C1CQ',
    '8wAAAAN0Uk5TAP//RFDWIQAAAEZJREFUeNpjYAgFAwYGVggjgEEUwghBMEKhACsja2rYSvozlkZBGFGrVi0FM8JWrZoKcdiqVVAX',
    'Zq3E5WYoA9On8ECABQsA/nteXD1XJOQAAAAASUVORK5CYII=',
  ].join(''),
  'base64',
)

async function favicon(_request: FastifyRequest, reply: FastifyReply) {
  return reply.header('cache-control', DAY).type('image/x-icon').send(ICON)
}

/** Nothing here is for search engines. */
const ROBOTS = 'User-agent: *\nDisallow: /\n'

async function robots(_request: FastifyRequest, reply: FastifyReply) {
  return reply.header('cache-control', DAY).type('text/plain; charset=utf-8').send(ROBOTS)
}
