// The records of every entity, behind one set of wildcard routes: each handler parses its request, calls lib/records and
// sends the answer. The registry says what the entity is; its JSON Schemas validate bodies through Fastify.

import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, RouteHandlerMethod } from 'fastify'
import { patchMatching, removeMatching } from './records/change.ts'
import { createRecordsOf } from './records/create.ts'
import { importRecordsOf } from './records/import.ts'
import { IMPORT_TYPES, ImportBody, receiveImport } from './records/import-body.ts'
import { listRecordsOf } from './records/list.ts'
import { admitActor, type RecordRequest } from './records/request.ts'
import { getOne, patchOne, removeOne, replaceOne } from './records/single.ts'

type Handler = (request: RecordRequest, reply: FastifyReply) => Promise<unknown>

type Row = [method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, handler: Handler]

const ROUTES: readonly Row[] = [
  ['GET', '/:entity', listRecordsOf],
  ['POST', '/:entity', createOrImport],
  ['PATCH', '/:entity', patchMatching],
  ['DELETE', '/:entity', removeMatching],
  ['GET', '/:entity/:id', getOne],
  ['PUT', '/:entity/:id', replaceOne],
  ['PATCH', '/:entity/:id', patchOne],
  ['DELETE', '/:entity/:id', removeOne],
]

/** Written out entity by entity, in lib/openapi/record-paths.ts. */
const DOCS = { hide: true }

/** The media types of a POST. */
const CONSUMES = ['application/json', ...IMPORT_TYPES]

export default async function records(app: FastifyInstance): Promise<void> {
  app.decorateRequest('actor', null)
  app.addHook('onRequest', async (request) => {
    if (app.isReserved(request)) app.refuseRoute(request)
    // A caller who may do it with no record at all is refused before a body is read.
    await app.onCurrentMetadata(request, () => admitActor(request as RecordRequest))
  })
  app.addContentTypeParser([...IMPORT_TYPES], (_request, payload, done) => done(null, payload))
  app.addHook('preHandler', async (request, reply) => {
    if (request.body instanceof Readable) request.body = await receiveImport(request, reply, request.body)
  })
  for (const [method, url, handler] of ROUTES) {
    app.route({
      method,
      url,
      schema: method === 'POST' ? { ...DOCS, consumes: CONSUMES } : DOCS,
      config: { access: 'visitor' },
      handler: handler as RouteHandlerMethod,
    })
  }
}

async function createOrImport(request: RecordRequest, reply: FastifyReply) {
  const create = request.body instanceof ImportBody ? importRecordsOf : createRecordsOf
  return create(request, reply)
}
