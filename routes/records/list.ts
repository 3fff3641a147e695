// The records that a query picks: a page of them as JSON, or all as a stream.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { nextLink } from '../../lib/http/next-link.ts'
import { renderRecords, stripNulls } from '../../lib/records/format/record-text.ts'
import { type ListedPage, listRecords } from '../../lib/records/read/read-store.ts'
import { exportRecordsOf } from './export.ts'
import { listRequestOf } from './list-request.ts'
import { type Representation, textOf } from './representation.ts'
import type { RecordRequest } from './request.ts'

export async function listRecordsOf(request: RecordRequest, reply: FastifyReply) {
  const list = await listRequestOf(request, reply)
  const { url, actor, query, wanted, count, limits } = list
  if (wanted.form === 'csv' || wanted.form === 'ndjson') return exportRecordsOf(request, reply, list)
  const page = await listRecords(request.server, actor, query, { limits, count })
  reply.header('content-range', page.contentRange).type(wanted.contentType)
  if (wanted.form === 'object') return onlyOne(page, wanted)
  if (page.nextCursor !== undefined) reply.header('link', nextLink(url, 'cursor', page.nextCursor))
  if (page.nextOffset !== undefined) reply.header('link', nextLink(url, 'offset', page.nextOffset))
  reply.code(isPart(page) ? 206 : 200)
  return renderRecords(textOf(wanted, []), page.records)
}

function onlyOne({ records }: ListedPage, { stripped }: Representation): string {
  const [record] = records
  if (record === undefined || records.length > 1) throw errors.notSingular(records.length)
  return stripped ? stripNulls(record) : record
}

/** Whether there are more records than the page holds, as far as they were counted. */
function isPart({ records, total }: ListedPage): boolean {
  return total !== undefined && total > records.length
}
