// A list as CSV or as lines of JSON: whole unless `limit` is given, and streamed.

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { type ListPlan, planList } from '../../lib/query/plan/plan-list.ts'
import { contentRange } from '../../lib/query/sql/page.ts'
import { planContext } from '../../lib/records/actor.ts'
import { storesAsOf } from '../../lib/records/history/as-of-store.ts'
import { countRecords } from '../../lib/records/read/count-store.ts'
import { openExport } from '../../lib/records/read/export-store.ts'
import { textOf } from './representation.ts'
import type { ParsedRequest, RecordRequest } from './request.ts'

export async function exportRecordsOf(request: RecordRequest, reply: FastifyReply, list: ParsedRequest) {
  const { server, method } = request
  const { actor, query, asOf, preferences, representation } = list
  const stores = asOf === undefined ? server : await storesAsOf(server, actor, asOf)
  const plan = planList(query, planContext(actor, server.pageLimits))
  const limit = query.limit ?? Number.POSITIVE_INFINITY
  if (preferences.count !== undefined)
    setRange(reply, plan, limit, await countRecords(stores, actor, plan, preferences.count))
  const filename = `${actor.entity.name}.${representation.form}`
  reply.type(representation.contentType).header('content-disposition', `attachment; filename="${filename}"`)
  if (method === 'HEAD') {
    await server.registry.confirm(actor.caller.tenant)
    return reply.send(Readable.from([]))
  }
  const text = textOf(representation, plan.outputs)
  const event = { entity: actor.entity.name, format: representation.form, url: request.url }
  const openSpool = () => reply.openSpool()
  return reply.send(await openExport(stores, actor, plan, { text, limit, event, openSpool }))
}

function setRange(reply: FastifyReply, { offset }: ListPlan, limit: number, total: number): void {
  if (offset > total) throw errors.pageOutOfRange(offset, total)
  const count = Math.min(limit, total - offset)
  reply.code(count < total ? 206 : 200).header('content-range', contentRange(offset, count, total))
}
