// The records that a query picks: a page of them as JSON, or all as a stream.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { withRange } from '../../lib/http/items-range.ts'
import { nextLink } from '../../lib/http/next-link.ts'
import type { Query } from '../../lib/query/ast.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import type { Actor, PageLimits } from '../../lib/records/actor.ts'
import { type ListedPage, listRecords } from '../../lib/records/read-store.ts'
import { renderRecords, stripNulls } from '../../lib/records/representation.ts'
import { exportRecordsOf } from './export.ts'
import { listRepresentation, type Representation, textOf } from './representation.ts'
import { actorOf, pageLimitsOf, preferencesOf, queryOf, type RecordRequest } from './request.ts'

export interface ListRequest {
  /** The request's own, the Range header worked in. */
  url: string
  actor: Actor
  query: Query
  wanted: Representation
  /** Whether and how all matches are counted. */
  count: Preferences['count']
  limits: PageLimits
}

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

async function listRequestOf(request: RecordRequest, reply: FastifyReply): Promise<ListRequest> {
  const wanted = listRepresentation(request.headers.accept)
  const { count } = preferencesOf(request, reply, ['count'])
  const url = withRange(request.url, request.headers.range)
  const query = queryOf({ url })
  return { url, actor: await actorOf(request, query), query, wanted, count, limits: pageLimitsOf(request) }
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
