// Uploading a file. Its content is stored in preHandler, since it arrives only once; the handler then writes the row and may
// run again on newer metadata. Content without a row is removed.

import multipart from '@fastify/multipart'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { abandonFile, type ReceivedFile, registerFile } from '../../lib/files/file-store.ts'
import { toJson } from '../../lib/files/stored-file.ts'
import { requireUploadRight } from '../../lib/files/upload-access-store.ts'
import { bytesLeft } from '../../lib/quotas/quota-store.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { receiveUpload } from './receive.ts'
import { file, uploadBody } from './schemas.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The file whose content this request has stored, until its row is written. */
    upload: ReceivedFile | null
  }
}

const routes: readonly Route[] = [
  {
    method: 'POST',
    url: '/files/upload',
    access: 'visitor',
    schema: {
      tags: ['Files'],
      operationId: 'uploadFile',
      summary: 'Upload a file',
      description: 'For roles that may upload. The id of the file is a value for fields of type `file`.',
      consumes: ['multipart/form-data'],
      body: uploadBody,
      response: { 201: { description: 'The new file', ...file } },
      refusals: ['uploadForbidden', 'oneFileExpected', 'fileTooLarge', 'quotaExceeded'],
    },
    // The body is a stream of parts, which no JSON Schema can check.
    validatorCompiler: () => () => true,
    onRequest: requireRight,
    preHandler: receive,
    handler: register,
    onError: abandon,
  },
]

/** Adds the route; it accepts multipart bodies only. */
export default async function fileUpload(app: FastifyInstance): Promise<void> {
  app.removeAllContentTypeParsers()
  await app.register(multipart)
  app.decorateRequest('upload', null)
  defineRoutes(app, routes)
}

/** Before anything else is looked at; errors.uploadForbidden. */
async function requireRight(request: FastifyRequest) {
  const { server } = request
  await server.onCurrentMetadata(request, () => requireUploadRight(server, callerOf(request)))
}

async function receive(request: FastifyRequest) {
  if (!request.isMultipart()) throw errors.oneFileExpected('There is no body')
  const { db, onCurrentMetadata, settings } = request.server
  const left = await onCurrentMetadata(request, () => bytesLeft(db, callerOf(request).tenant))
  request.upload = await (left < settings.UPLOAD_LIMIT
    ? receiveWithin(request, left)
    : receiveUpload(request.server, request, settings.UPLOAD_LIMIT))
}

/** Refuses a file that is larger than what is left of the quota while it arrives; errors.quotaExceeded. */
async function receiveWithin(request: FastifyRequest, left: number) {
  const limit = callerOf(request).tenant.quotas.file_bytes ?? 0
  return receiveUpload(request.server, request, Math.max(left, 0)).catch((error) => {
    if (error.kind !== errors.fileTooLarge.kind) throw error
    throw errors.quotaExceeded({ quota: 'file_bytes', limit, used: limit - left })
  })
}

async function register(request: FastifyRequest, reply: FastifyReply) {
  // The right may have been withdrawn while the content arrived.
  await requireUploadRight(request.server, callerOf(request))
  const stored = await registerFile(request.server, callerOf(request), request.upload as ReceivedFile)
  request.upload = null
  reply.code(201).header('location', `/files/${stored.id}`)
  return toJson(stored, request.server.publicBase(request))
}

async function abandon(request: FastifyRequest, _reply: FastifyReply, error: FastifyError) {
  if (request.upload !== null) await abandonFile(request.server, request.upload, error)
}
