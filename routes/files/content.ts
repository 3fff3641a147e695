// The bytes of a file: the whole or a range, streamed as fast as the client takes them.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
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
import { findFile } from '../../lib/files/file-store.ts'
import type { StoredFile } from '../../lib/files/stored-file.ts'
import { requireMatch } from '../../lib/http/etag.ts'
import { bytes, ofFile } from './schemas.ts'

type FileRequest = FastifyRequest<{ Params: { id: string } }>

const config = { access: 'visitor' } as const

const docs = {
  tags: ['Files'],
  operationId: 'getFileContent',
  summary: 'The bytes of a file',
  description:
    'A single `Range` is honoured. Displayed by browsers: images but SVG, PDF, audio, video, plain text.',
  params: ofFile,
  response: {
    200: bytes,
    206: { ...bytes, description: 'The bytes of the range' },
    304: { type: 'null', description: 'The copy that If-None-Match names is still good' },
  },
  refusals: ['fileNotFound', 'preconditionFailed', 'rangeNotSatisfiable'],
} as const

export default async function fileContent(app: FastifyInstance): Promise<void> {
  const routes = [
    { method: 'HEAD', url: '/files/:id/content', schema: { hide: true }, handler: head },
    { method: 'GET', url: '/files/:id/content', schema: docs, handler: get, exposeHeadRoute: false },
  ]
  for (const route of routes) app.route({ ...route, config } as RouteOptions)

  async function head(request: FileRequest, reply: FastifyReply) {
    const { params, headers } = request
    const caller = callerOf(request)
    const file = await findFile(app, caller, params.id)
    requireMatch(headers['if-match'], etagOf(file))
    if (isCopyGood(headers, file)) return sendNotModified(reply, file)
    return reply.headers(deliveryHeaders(file)).send()
  }

  async function get(request: FileRequest, reply: FastifyReply) {
    const { params, headers } = request
    const caller = callerOf(request)
    const file = await findFile(app, caller, params.id)
    requireMatch(headers['if-match'], etagOf(file))
    if (isCopyGood(headers, file)) return sendNotModified(reply, file)
    const range = requestedRange(headers, file)
    if (range === null) throw errors.rangeNotSatisfiable(file.size)
    const stream = await app.blobs.open({ tenantId: caller.tenant.id, fileId: file.id }, range)
    if (stream === null) throw errors.fileNotFound()
    reply.headers(deliveryHeaders(file))
    if (range !== undefined) reply.code(206).headers(rangeHeaders(file, range))
    return reply.send(stream)
  }
}

function sendNotModified(reply: FastifyReply, file: StoredFile) {
  return reply.code(304).headers(validatorHeaders(file)).send()
}
