// The content of a file: the whole or a range of it, streamed at the pace of the client.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import {
  deliveryHeaders,
  etagOf,
  isCopyGood,
  rangeHeaders,
  requestedRange,
  validatorHeaders,
} from '../../lib/files/delivery.ts'
import { SIGNATURE_PARAMETER } from '../../lib/files/file-signer.ts'
import { fileExists, findFile } from '../../lib/files/file-store.ts'
import type { StoredFile } from '../../lib/files/stored-file.ts'
import { requireMatch } from '../../lib/http/etag.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { content, pathFile } from './schemas.ts'

type FileRequest = FastifyRequest<{ Params: { id: string }; Querystring: object }>

const routes: readonly Route[] = [
  {
    method: 'HEAD',
    url: '/files/:id/content',
    access: 'visitor',
    signed: true,
    schema: { hide: true },
    handler: head,
  },
  {
    method: 'GET',
    url: '/files/:id/content',
    access: 'visitor',
    signed: true,
    schema: {
      tags: ['Files'],
      operationId: 'getFileContent',
      summary: 'Get the content of a file',
      description:
        'Supports a single `Range`. Browsers display images (except SVG), PDF, audio, video and plain text, and download anything else. A signed address, with `?signature=`, needs no token.',
      params: pathFile,
      response: {
        200: content,
        206: { ...content, description: 'The requested range' },
        304: { type: 'null', description: 'The caller’s copy is current' },
      },
      refusals: [
        'fileNotFound',
        'preconditionFailed',
        'rangeNotSatisfiable',
        'signatureInvalid',
        'signatureExpired',
        'signatureRevoked',
      ],
    },
    handler: get,
    exposeHeadRoute: false,
  },
]

/** Adds the routes. */
export default async function fileContent(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function head(request: FileRequest, reply: FastifyReply) {
  const file = await matchedFile(request)
  if (isCopyGood(request.headers, file)) return sendNotModified(reply, file)
  return reply.headers(deliveryHeaders(file)).send()
}

async function get(request: FileRequest, reply: FastifyReply) {
  const { headers, server } = request
  const file = await matchedFile(request)
  if (isCopyGood(headers, file)) return sendNotModified(reply, file)
  const range = requestedRange(headers, file)
  if (range === null) throw errors.rangeNotSatisfiable(file.size)
  const stream = await server.blobs.open({ tenantId: callerOf(request).tenant.id, fileId: file.id }, range)
  if (stream === null) throw errors.fileNotFound()
  reply.headers(deliveryHeaders(file))
  if (range !== undefined) reply.code(206).headers(rangeHeaders(file, range))
  return reply.send(stream)
}

/** The file, if the caller may read it and If-Match accepts it; errors.preconditionFailed and those of findFor. */
async function matchedFile(request: FileRequest): Promise<StoredFile> {
  const file = await findFor(request)
  requireMatch(request.headers['if-match'], etagOf(file))
  return file
}

/** The file; errors.fileNotFound, errors.signatureRevoked where the address was signed and the file still exists. */
async function findFor(request: FileRequest): Promise<StoredFile> {
  const { params, query, server } = request
  const caller = callerOf(request)
  try {
    return await findFile(server, caller, params.id)
  } catch (error) {
    const isSigned = SIGNATURE_PARAMETER in (query as object)
    throw isSigned && (await fileExists(server, caller, params.id)) ? errors.signatureRevoked() : error
  }
}

function sendNotModified(reply: FastifyReply, file: StoredFile) {
  return reply.code(304).headers(validatorHeaders(file)).send()
}
