// The records that a query picks, a page at a time.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { nextLink } from '../../lib/http/next-link.ts'
import { type ListedPage, listRecords } from '../../lib/records/read-store.ts'
import {
  actorOf,
  JSON_TYPE,
  OBJECT_TYPE,
  preferencesOf,
  queryOf,
  type RecordRequest,
  wantsObject,
} from './request.ts'

export async function listRecordsOf(request: RecordRequest, reply: FastifyReply) {
  const one = wantsObject(request)
  const { count } = preferencesOf(request, reply, ['count'])
  const query = queryOf(request)
  const { DEFAULT_LIMIT: defaultLimit, MAX_LIMIT: maxLimit } = request.server.settings
  const actor = await actorOf(request, query)
  const page = await listRecords(request.server, actor, query, { limits: { defaultLimit, maxLimit }, count })
  reply.header('content-range', page.contentRange)
  if (one) return sendOne(reply, page)
  if (page.nextCursor !== undefined) reply.header('link', nextLink(request.url, page.nextCursor))
  reply.code(isPart(page) ? 206 : 200).type(JSON_TYPE)
  return `[${page.records.join(',')}]`
}

function sendOne(reply: FastifyReply, { records }: ListedPage) {
  if (records.length !== 1) throw errors.notSingular(records.length)
  return reply.type(OBJECT_TYPE).send(records[0])
}

/** Whether there are more records than the page holds, as far as they were counted. */
function isPart({ records, total }: ListedPage): boolean {
  return total !== undefined && total > records.length
}
