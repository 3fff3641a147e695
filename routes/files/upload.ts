// Uploading a file. Its bytes are stored before the handler runs, once, since they arrive only once; the handler then
// writes the row, as often as the metadata it is decided on turns out to be old. What gets no row is removed.

import multipart from '@fastify/multipart'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { abandonFile, type ReceivedFile, registerFile } from '../../lib/files/file-store.ts'
import { toJson } from '../../lib/files/stored-file.ts'
import { bytesLeft } from '../../lib/quotas/quota-store.ts'
import { receiveUpload } from './receive.ts'
import { file, uploadBody } from './schemas.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The file whose bytes this request has brought, until its row is written. */
    upload: ReceivedFile | null
  }
}

const docs = {
  tags: ['Files'],
  operationId: 'uploadFile',
  summary: 'Upload a file',
  description: 'Its id is then a value for fields of type `file`.',
  consumes: ['multipart/form-data'],
  body: uploadBody,
  response: { 201: { description: 'The file', ...file } },
  refusals: ['oneFileExpected', 'fileTooLarge', 'quotaExceeded'],
} as const

export default async function fileUpload(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  await app.register(multipart)
  app.decorateRequest('upload', null)
  app.route({
    method: 'POST',
    url: '/files/upload',
    config: { access: 'user' },
    schema: docs,
    // The body is a stream of parts, which no JSON Schema can check.
    validatorCompiler: () => () => true,
    preHandler: receive,
    handler: register,
    onError: abandon,
  })

  async function receive(request: FastifyRequest) {
    if (!request.isMultipart()) throw errors.oneFileExpected('There is no body')
    const { UPLOAD_LIMIT } = app.settings
    const left = await app.onCurrentMetadata(request, () => bytesLeft(app.db, callerOf(request).tenant))
    if (left >= UPLOAD_LIMIT) request.upload = await receiveUpload(app, request, UPLOAD_LIMIT)
    else request.upload = await receiveWithin(request, left)
  }

  /** What the quota has no room for is not even stored to be counted. */
  async function receiveWithin(request: FastifyRequest, left: number) {
    const limit = callerOf(request).tenant.quotas.file_bytes ?? 0
    return receiveUpload(app, request, Math.max(left, 0)).catch((error) => {
      if (error.kind !== errors.fileTooLarge.kind) throw error
      throw errors.quotaExceeded({ quota: 'file_bytes', limit, used: limit - left })
    })
  }

  async function register(request: FastifyRequest, reply: FastifyReply) {
    const stored = await registerFile(app, callerOf(request), request.upload as ReceivedFile)
    request.upload = null
    reply.code(201).header('location', `/files/${stored.id}`)
    return toJson(stored)
  }

  async function abandon(request: FastifyRequest, _reply: FastifyReply, error: FastifyError) {
    if (request.upload !== null) await abandonFile(app, request.upload, error)
  }
}
