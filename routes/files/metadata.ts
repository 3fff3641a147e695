// The files of a tenant, without their bytes: list, look at one, delete.
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import { callerOf } from '../../lib/auth/caller.ts'
import { errors } from '../../lib/errors.ts'
import { deleteFile, findFile, listFiles } from '../../lib/files/file-store.ts'
import { toJson } from '../../lib/files/stored-file.ts'
import { nextLink } from '../../lib/http/next-link.ts'
import { contentRange } from '../../lib/query/sql/page.ts'
import { file, ofFile, page } from './schemas.ts'

/** Any id but the name of the route beside it, which only takes POST. */
const ONE_FILE = '/files/:id(^(?!upload$).*$)'

const config = { access: 'user' } as const

const tags = ['Files']

const docs = {
  list: {
    tags,
    operationId: 'listFiles',
    summary: 'The files that you have uploaded, oldest first; an admin sees everyone’s',
    querystring: page,
    response: { 200: { description: 'A page of files', type: 'array', items: file } },
  },
  get: {
    tags,
    operationId: 'getFile',
    summary: 'What is known of a file',
    description: 'Its uploader, admins, and whoever may read a record that holds it.',
    params: ofFile,
    response: { 200: { description: 'The file', ...file } },
    refusals: ['fileNotFound'],
  },
  remove: {
    tags,
    operationId: 'deleteFile',
    summary: 'Delete a file that no record holds',
    params: ofFile,
    response: { 204: { type: 'null', description: 'It is gone' } },
    refusals: ['fileNotFound', 'forbidden', 'referenceConflict', 'preconditionFailed'],
  },
} as const

type FileRequest = FastifyRequest<{ Params: { id: string } }>

type ListRequest = FastifyRequest<{ Querystring: { limit?: number; offset?: number; cursor?: string } }>

export default async function fileMetadata(app: FastifyInstance): Promise<void> {
  const routes = [
    { method: 'GET', url: '/files/', schema: docs.list, handler: list },
    { method: 'GET', url: ONE_FILE, schema: docs.get, handler: get },
    { method: 'DELETE', url: ONE_FILE, schema: docs.remove, handler: remove },
  ]
  for (const route of routes) app.route({ ...route, config } as RouteOptions)

  async function list(request: ListRequest, reply: FastifyReply) {
    const { query, url } = request
    const caller = callerOf(request)
    const { DEFAULT_LIMIT, MAX_LIMIT } = app.settings
    const { limit = DEFAULT_LIMIT, offset = 0, cursor } = query
    if (cursor !== undefined && query.offset !== undefined)
      throw errors.invalidParameter('cursor and offset exclude each other.')
    const size = Math.min(limit, MAX_LIMIT)
    const { files, more } = await listFiles(app, caller, { limit: size, offset, after: cursor })
    reply.header('content-range', contentRange(offset, files.length))
    const last = files.at(-1)
    if (more && last !== undefined) reply.header('link', nextLink(url, 'cursor', last.id))
    return files.map(toJson)
  }

  async function get(request: FileRequest) {
    const { params } = request
    const caller = callerOf(request)
    return toJson(await findFile(app, caller, params.id))
  }

  async function remove(request: FileRequest, reply: FastifyReply) {
    const { params, headers } = request
    const caller = callerOf(request)
    await deleteFile(app, caller, params.id, headers['if-match'])
    return reply.code(204).send()
  }
}
