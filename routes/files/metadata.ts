// The files of the caller's tenant without their content: list, get, delete.

import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { adviseOnFiles, type FileListPage, listFiles } from '../../lib/files/file-list-store.ts'
import { deleteFile, findFile } from '../../lib/files/file-store.ts'
import { toJson } from '../../lib/files/stored-file.ts'
import { nextLink } from '../../lib/http/next-link.ts'
import type { Query } from '../../lib/query/ast.ts'
import { UnreadParameter } from '../../lib/query/parse/unread.ts'
import { defineRoutes, type Route } from '../define-routes.ts'
import { preferencesOf, searchOf } from '../query-request.ts'
import { parseAccept, sendRecords } from '../records/representation.ts'
import { file, fileQuery, pathFile } from './schemas.ts'

type FileRequest = FastifyRequest<{ Params: { id: string } }>

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
      description:
        'Filters are those of records, `content_type=like.image/*&size=gt.1000&in_use=is.false`, on id, filename, content_type, size, sha256, created_at and in_use, which is true of a file that a record holds. `Prefer: count=exact` counts the files.',
      querystring: fileQuery,
      response: {
        200: { description: 'A page of files', type: 'array', items: file },
        206: { description: 'A counted page of files that is not the whole', type: 'array', items: file },
      },
      refusals: [
        'malformedQuery',
        'unknownField',
        'operatorNotAllowed',
        'invalidValue',
        'pageOutOfRange',
        'notAcceptable',
        'notSingular',
      ],
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

/** The query of the URL; a parameter outside the grammar is refused with advice. */
function fileQueryOf(request: FastifyRequest): Query {
  const { server, url } = request
  try {
    return server.plans.parse(searchOf(url))
  } catch (error) {
    if (!(error instanceof UnreadParameter)) throw error
    throw adviseOnFiles(callerOf(request), error, { search: searchOf(url), limits: server.pageLimits })
  }
}

async function list(request: FastifyRequest, reply: FastifyReply) {
  const { db, fileSigner, pageLimits } = request.server
  const { count, sign } = preferencesOf(request, reply, ['count', 'sign'])
  const representation = parseAccept(request.headers.accept, 'files')
  const base = request.server.publicBase(request)
  const fileUrls = fileSigner.urls(callerOf(request), { base, validity: sign })
  const query = fileQueryOf(request)
  const wanted = { query, ...pageLimits, counted: count !== undefined, fileUrls }
  const page = await listFiles(db, callerOf(request), wanted)
  if (representation.form === 'object') reply.header('content-range', page.contentRange)
  else setPaging(request, reply, page)
  return sendRecords(reply, page.records, representation)
}

/** The place of the page in the whole, the link to the next one, and 206 when counted files are missing from it. */
function setPaging({ url }: FastifyRequest, reply: FastifyReply, page: FileListPage): void {
  const { contentRange, nextCursor, nextOffset, records, total } = page
  if (nextCursor !== undefined) reply.header('link', nextLink(url, 'cursor', nextCursor))
  if (nextOffset !== undefined) reply.header('link', nextLink(url, 'offset', nextOffset))
  reply.code(total !== undefined && total > records.length ? 206 : 200).header('content-range', contentRange)
}

async function get(request: FileRequest, reply: FastifyReply) {
  const { params, server } = request
  const caller = callerOf(request)
  const { sign } = preferencesOf(request, reply, ['sign'])
  const found = await findFile(server, caller, params.id)
  const base = server.publicBase(request)
  const shown = toJson(found, base)
  if (sign === undefined) return shown
  return { ...shown, url: server.fileSigner.sign(caller, found.id, { base, validity: sign }).url }
}

async function remove(request: FileRequest, reply: FastifyReply) {
  await deleteFile(request.server, callerOf(request), request.params.id, request.headers['if-match'])
  reply.code(204)
}
