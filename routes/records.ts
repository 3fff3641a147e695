// The records of every entity, behind one set of wildcard routes: the registry says what the entity is, its JSON
// Schemas validate the body through Fastify, and lib/records does the rest.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { nextLink } from '../lib/http/next-link.ts'
import type { Actor } from '../lib/records/actor.ts'
import { acceptedVersions, isNotModified } from '../lib/records/etag.ts'
import { getRecord, listRecords, recordId, type StoredRecord } from '../lib/records/read-store.ts'
import { storedPatch, storedRecord } from '../lib/records/stored-data.ts'
import { changeRecord, createRecords, deleteRecord } from '../lib/records/write-store.ts'
import { type BodyRules, readBodies, readBody } from './record-body.ts'

type RecordRequest = FastifyRequest<{ Params: { entity: string; id: string } }>
type Handler = (request: RecordRequest, reply: FastifyReply) => Promise<unknown>
type Row = [method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, handler: Handler]

const ROUTES: readonly Row[] = [
  ['GET', '/:entity', list],
  ['POST', '/:entity', create],
  ['GET', '/:entity/:id', get],
  ['PUT', '/:entity/:id', replace],
  ['PATCH', '/:entity/:id', patch],
  ['DELETE', '/:entity/:id', remove],
]

/** Written out entity by entity, in lib/openapi/record-paths.ts. */
const DOCS = { hide: true }

const JSON_TYPE = 'application/json; charset=utf-8'

export default async function records(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', async (request, reply) => {
    const vary = reply.getHeader('vary')
    reply.header('vary', vary === undefined ? 'Authorization' : `${vary}, Authorization`)
    reply.header('cache-control', 'private, no-cache')
    if (app.routeSegments.has((request.params as { entity: string }).entity)) app.refuseRoute(request)
  })
  for (const [method, url, handler] of ROUTES) {
    app.route({
      method,
      url,
      schema: DOCS,
      config: { access: 'user' },
      handler: handler as RouteHandlerMethod,
    })
  }
}

async function list(request: RecordRequest, reply: FastifyReply) {
  const search = request.url.split('?', 2)[1] ?? ''
  const { DEFAULT_LIMIT: defaultLimit, MAX_LIMIT: maxLimit } = request.server.settings
  const page = await listRecords(request.server, await actorOf(request), search, { defaultLimit, maxLimit })
  reply.header('content-range', page.contentRange).type(JSON_TYPE)
  if (page.nextCursor !== undefined) reply.header('link', nextLink(request.url, page.nextCursor))
  return `[${page.records.join(',')}]`
}

async function get(request: RecordRequest, reply: FastifyReply) {
  const record = await getRecord(request.server, await actorOf(request), recordId(request.params.id))
  if (isNotModified(request.headers['if-none-match'], record.etag)) {
    return reply.code(304).header('etag', record.etag).send()
  }
  return sendRecord(reply, record)
}

async function create(request: RecordRequest, reply: FastifyReply) {
  const actor = await actorOf(request)
  const rules = rulesOf(request, actor, 'create')
  const { body, server } = request
  if (Array.isArray(body)) {
    const made = await createRecords(server, actor, readBodies(request, rules, body))
    return reply
      .code(201)
      .type(JSON_TYPE)
      .send(`[${made.map(({ json }) => json).join(',')}]`)
  }
  const [made] = await createRecords(server, actor, [readBody(request, rules)])
  const record = made as StoredRecord
  reply.code(201).header('location', `/${actor.entity.name}/${record.id}`)
  return sendRecord(reply, record)
}

async function replace(request: RecordRequest, reply: FastifyReply) {
  return change(request, reply, 'replace')
}

async function patch(request: RecordRequest, reply: FastifyReply) {
  return change(request, reply, 'patch')
}

async function change(request: RecordRequest, reply: FastifyReply, how: 'replace' | 'patch') {
  const actor = await actorOf(request)
  const id = recordId(request.params.id)
  const versions = acceptedVersions(request.headers['if-match'])
  const patch = readBody(request, rulesOf(request, actor, how))
  return sendRecord(reply, await changeRecord(request.server, actor, id, { patch, versions }))
}

async function remove(request: RecordRequest, reply: FastifyReply) {
  const versions = acceptedVersions(request.headers['if-match'])
  await deleteRecord(request.server, await actorOf(request), recordId(request.params.id), versions)
  return reply.code(204).send()
}

async function actorOf({ caller, params, server }: RecordRequest): Promise<Actor> {
  return { caller, entity: await server.registry.entity(caller.tenant, params.entity) }
}

function rulesOf(
  { server }: RecordRequest,
  { entity }: Actor,
  how: 'create' | 'replace' | 'patch',
): BodyRules {
  const convert = how === 'patch' ? storedPatch : storedRecord
  return {
    schema: server.registry.schemas(entity)[how],
    convert: (body, refused) => convert(entity, body, refused),
  }
}

function sendRecord(reply: FastifyReply, { json, etag }: StoredRecord) {
  return reply.header('etag', etag).type(JSON_TYPE).send(json)
}
