// The records of every entity, behind one set of wildcard routes: each handler parses its request, calls lib/records and
// sends the answer. The registry says what the entity is; its JSON Schemas validate bodies through Fastify.

import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, HTTPMethods } from 'fastify'
import { defineRoutes, type Route } from './define-routes.ts'
import { patchMatching, removeMatching } from './records/change.ts'
import { changesOf } from './records/changes.ts'
import { createRecordsOf } from './records/create.ts'
import { FORM_TYPE, parseForm, QUERY_URL } from './records/form-query.ts'
import {
  CHANGES_QUERY,
  eraseOne,
  historyOf,
  PAGE_QUERY,
  RESTORE_BODY,
  restoreOne,
  trashOf,
} from './records/history.ts'
import { importRecordsOf } from './records/import.ts'
import { IMPORT_TYPES, ImportBody, receiveImport } from './records/import-body.ts'
import { listRecordsOf } from './records/list.ts'
import { admitActor, type RecordRequest } from './records/request.ts'
import { getOne, patchOne, removeOne, replaceOne } from './records/single.ts'
import { CHANGES_URL, HISTORY_URL, RESTORE_URL, TRASH_URL } from './records/target.ts'

/** Written out entity by entity, in lib/openapi/record-paths.ts. */
const DOCS = { hide: true }

/** The media types of a POST. */
const CONSUMES = ['application/json', ...IMPORT_TYPES]

const route = (method: HTTPMethods, url: string, handler: Route['handler']): Route => {
  const schema = method === 'POST' ? { ...DOCS, consumes: CONSUMES } : DOCS
  return { method, url, access: 'visitor', schema, handler }
}

const logRoute = (
  method: HTTPMethods,
  url: string,
  handler: Route['handler'],
  schema: object = {},
): Route => ({
  method,
  url,
  access: 'visitor',
  schema: { ...DOCS, ...schema },
  handler,
})

const ROUTES = [
  route('GET', '/:entity', listRecordsOf),
  route('POST', '/:entity', createOrImport),
  route('PATCH', '/:entity', patchMatching),
  route('DELETE', '/:entity', removeMatching),
  route('GET', '/:entity/:id', getOne),
  route('PUT', '/:entity/:id', replaceOne),
  route('PATCH', '/:entity/:id', patchOne),
  route('DELETE', '/:entity/:id', removeOne),
  logRoute('GET', TRASH_URL, trashOf, { querystring: PAGE_QUERY }),
  logRoute('GET', CHANGES_URL, changesOf, { querystring: CHANGES_QUERY }),
  logRoute('GET', HISTORY_URL, historyOf, { querystring: PAGE_QUERY }),
  logRoute('POST', RESTORE_URL, restoreOne, { body: RESTORE_BODY }),
  { ...logRoute('DELETE', HISTORY_URL, eraseOne), access: 'admin' as const },
]

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
  defineRoutes(app, ROUTES)
  app.register(formQueries)
}

/** Takes forms alone: with the other routes they are no bodies. */
async function formQueries(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(FORM_TYPE, { parseAs: 'buffer' }, parseForm)
  const schema = { ...DOCS, consumes: [FORM_TYPE] }
  defineRoutes(app, [{ method: 'POST', url: QUERY_URL, access: 'visitor', schema, handler: listRecordsOf }])
}

async function createOrImport(request: RecordRequest, reply: FastifyReply) {
  const create = request.body instanceof ImportBody ? importRecordsOf : createRecordsOf
  return create(request, reply)
}
