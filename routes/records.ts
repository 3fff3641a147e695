// The records of every entity, behind one set of wildcard routes: each handler parses its request, calls lib/records and
// sends the answer. The registry says what the entity is; its JSON Schemas validate bodies through Fastify.

import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify'
import type { Verb } from '../lib/access/permission.ts'
import { defineRoutes, type Route } from './define-routes.ts'
import { patchMatching, removeMatching } from './records/change.ts'
import { changesOf } from './records/changes.ts'
import { createRecordsOf } from './records/create.ts'
import { explainListOf, explainOneOf, orExplain } from './records/explain.ts'
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

/** Written out entity by entity, in lib/openapi/record-paths.ts. */
const DOCS = { hide: true }

/** The media types of a POST. */
const CONSUMES = ['application/json', ...IMPORT_TYPES]

/** Of the routes that take a body. */
const BODY = { onRequest: admitBeforeBody, preHandler: receiveBody }

const route = (method: HTTPMethods, url: string, verb: Verb, handler: Route['handler']): Route => {
  const schema = method === 'POST' ? { ...DOCS, consumes: CONSUMES } : DOCS
  const config = { target: { verb, byId: url.endsWith('/:id') } }
  return { method, url, access: 'visitor', config, schema, ...(method === 'GET' ? {} : BODY), handler }
}

/** Of the log: what else a restoration needs depends on the record. */
const logRoute = (method: HTTPMethods, url: string, verb: Verb, handler: Route['handler']): Route => ({
  method,
  url,
  access: 'visitor',
  config: { target: { verb, byId: false } },
  schema: DOCS,
  ...(method === 'GET' ? {} : { onRequest: admitBeforeBody }),
  handler,
})

const ROUTES: Route[] = [
  route('GET', '/:entity', 'read', orExplain(listRecordsOf, explainListOf)),
  route('POST', '/:entity', 'create', createOrImport),
  route('PATCH', '/:entity', 'update', patchMatching),
  route('DELETE', '/:entity', 'delete', removeMatching),
  route('GET', '/:entity/:id', 'read', orExplain(getOne, explainOneOf)),
  route('PUT', '/:entity/:id', 'update', replaceOne),
  route('PATCH', '/:entity/:id', 'update', patchOne),
  route('DELETE', '/:entity/:id', 'delete', removeOne),
  { ...logRoute('GET', '/:entity/trash', 'delete', trashOf), schema: { ...DOCS, querystring: PAGE_QUERY } },
  {
    ...logRoute('GET', '/:entity/changes', 'read', changesOf),
    schema: { ...DOCS, querystring: CHANGES_QUERY },
  },
  {
    ...logRoute('GET', '/:entity/:id/history', 'read', historyOf),
    schema: { ...DOCS, querystring: PAGE_QUERY },
  },
  {
    ...logRoute('POST', '/:entity/:id/restore', 'read', restoreOne),
    schema: { ...DOCS, body: RESTORE_BODY },
  },
  { ...logRoute('DELETE', '/:entity/:id/history', 'read', eraseOne), access: 'admin' },
]

export default async function records(app: FastifyInstance): Promise<void> {
  app.decorateRequest('actor', null)
  app.addContentTypeParser([...IMPORT_TYPES], (_request, payload, done) => done(null, payload))
  defineRoutes(app, ROUTES)
  app.register(formQueries)
}

/** Takes forms alone: with the other routes they are no bodies. */
async function formQueries(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(FORM_TYPE, { parseAs: 'buffer' }, parseForm)
  const schema = { ...DOCS, consumes: [FORM_TYPE] }
  defineRoutes(app, [{ ...route('POST', QUERY_URL, 'read', listRecordsOf), schema }])
}

/** Refuses a caller who may do it with no record at all before a body is read. */
async function admitBeforeBody(request: FastifyRequest): Promise<void> {
  await request.server.onCurrentMetadata(request, () => admitActor(request as RecordRequest))
}

/** Keeps rows of text in a file. */
async function receiveBody(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (request.body instanceof Readable) request.body = await receiveImport(request, reply, request.body)
}

async function createOrImport(request: RecordRequest, reply: FastifyReply) {
  const create = request.body instanceof ImportBody ? importRecordsOf : createRecordsOf
  return create(request, reply)
}
