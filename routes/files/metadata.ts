// The files of the caller's tenant without their content: list, get, delete.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { deleteFile, findFile, listFiles } from '../../lib/files/file-store.ts'
import { toJson } from '../../lib/files/stored-file.ts'
import { nextLink } from '../../lib/http/next-link.ts'
import { contentRange } from '../../lib/query/sql/page.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { file, page, pathFile } from './schemas.ts'

type FileRequest = FastifyRequest<{ Params: { id: string } }>

type ListRequest = FastifyRequest<{ Querystring: { limit?: number; offset?: number; cursor?: string } }>

/** Any id except `upload`, which is a route of its own that accepts only POST. */
const ONE_FILE = '/files/:id(^(?!upload$).*$)'

const routes: readonly Route[] = [
  {
    method: 'GET',
    url: '/files/',
    access: 'user',
    schema: {
      tags: ['Files'],
      operationId: 'listFiles',
      summary: 'List the files that the caller has uploaded, or for admins all files, oldest first',
      querystring: page,
      response: { 200: { description: 'A page of files', type: 'array', items: file } },
    },
    handler: list,
  },
  {
    method: 'GET',
    url: ONE_FILE,
    access: 'user',
    schema: {
      tags: ['Files'],
      operationId: 'getFile',
      summary: 'Get the metadata of a file',
      description: 'For its uploader, admins and callers who may read a record that refers to it.',
      params: pathFile,
      response: { 200: { description: 'The file', ...file } },
      refusals: ['fileNotFound'],
    },
    handler: get,
  },
  {
    method: 'DELETE',
    url: ONE_FILE,
    access: 'user',
    schema: {
      tags: ['Files'],
      operationId: 'deleteFile',
      summary: 'Delete a file that no record refers to',
      params: pathFile,
      response: { 204: { type: 'null', description: 'The file is deleted' } },
      refusals: ['fileNotFound', 'forbidden', 'referenceConflict', 'preconditionFailed'],
    },
    handler: remove,
  },
]

/** Adds the routes. */
export default async function fileMetadata(app: FastifyInstance): Promise<void> {
  defineRoutes(app, routes)
}

async function list(request: ListRequest, reply: FastifyReply) {
  const { query, server, url } = request
  const { DEFAULT_LIMIT, MAX_LIMIT } = server.settings
  const { limit = DEFAULT_LIMIT, offset = 0, cursor: after } = query
  if (after !== undefined && query.offset !== undefined)
    throw errors.invalidParameter('cursor and offset exclude each other.')
  const range = { limit: Math.min(limit, MAX_LIMIT), offset, after }
  const { files, more } = await listFiles(server, callerOf(request), range)
  reply.header('content-range', contentRange(offset, files.length))
  const last = files.at(-1)
  if (more && last !== undefined) reply.header('link', nextLink(url, 'cursor', last.id))
  const base = server.publicBase(request)
  return files.map((file) => toJson(file, base))
}

async function get(request: FileRequest) {
  const file = await findFile(request.server, callerOf(request), request.params.id)
  return toJson(file, request.server.publicBase(request))
}

async function remove(request: FileRequest, reply: FastifyReply) {
  await deleteFile(request.server, callerOf(request), request.params.id, request.headers['if-match'])
  reply.code(204)
}
