// The list of the records that a query selects: a page of them as JSON, or all as a stream.
import type { FastifyReply } from 'fastify'
import { nextLink } from '../../lib/http/next-link.ts'
import { storesAsOf } from '../../lib/records/history/as-of-store.ts'
import { type ListedPage, listRecords } from '../../lib/records/read/read-store.ts'
import { exportRecordsOf } from './export.ts'
import { sendRecords } from './representation.ts'
import { parseRecordRequest, type RecordRequest } from './request.ts'

export async function listRecordsOf(request: RecordRequest, reply: FastifyReply) {
  const list = await parseRecordRequest(request, reply, ['count', 'sign'])
  const { actor, query, asOf, preferences, representation, url } = list
  if (representation.form === 'csv' || representation.form === 'ndjson')
    return exportRecordsOf(request, reply, list)
  const stores = asOf === undefined ? request.server : await storesAsOf(request.server, actor, asOf)
  const page = await listRecords(stores, actor, query, preferences.count)
  reply.header('content-range', page.contentRange)
  if (representation.form !== 'object') setPaging(reply, page, url)
  return sendRecords(reply, page.records, representation)
}

/** The link to the next page; status 206 when there are more records than the page holds, as far as they were counted. */
function setPaging(reply: FastifyReply, page: ListedPage, url: string): void {
  const { records, total, nextCursor, nextOffset } = page
  if (nextCursor !== undefined) reply.header('link', nextLink(url, 'cursor', nextCursor))
  if (nextOffset !== undefined) reply.header('link', nextLink(url, 'offset', nextOffset))
  reply.code(total !== undefined && total > records.length ? 206 : 200)
}
