// A list as CSV or as lines of JSON: whole unless `limit` is given, and streamed.

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { recordExport } from '../../lib/audit/export-audit-store.ts'
import { errors } from '../../lib/errors.ts'
import { type ListPlan, planList } from '../../lib/query/plan/plan-list.ts'
import { contentRange } from '../../lib/query/sql/page.ts'
import { planContext } from '../../lib/records/actor.ts'
import { countRecords } from '../../lib/records/read/count-store.ts'
import { openExport } from '../../lib/records/read/export-store.ts'
import type { ListRequest } from './list-request.ts'
import { textOf } from './representation.ts'
import type { RecordRequest } from './request.ts'

export async function exportRecordsOf(request: RecordRequest, reply: FastifyReply, list: ListRequest) {
  const { actor, query, wanted, limits } = list
  const { server } = request
  const plan = planList(query, planContext(actor, limits))
  const limit = query.limit ?? Number.POSITIVE_INFINITY
  if (list.count !== undefined) {
    const total = await countRecords(server, actor, plan, list.count)
    setRange(reply, plan, limit, total)
  }
  reply.type(wanted.contentType)
  if (request.method === 'HEAD') {
    await server.registry.confirm(actor.caller.tenant)
    return reply.send(Readable.from([]))
  }
  const stream = await openExport(server, actor, plan, { text: textOf(wanted, plan.outputs), limit })
  const event = { entity: actor.entity.name, format: wanted.form, url: request.url }
  await recordExport(server.db, actor.caller, event).catch((error) => {
    stream.destroy()
    throw error
  })
  return reply.send(stream)
}

function setRange(reply: FastifyReply, { offset }: ListPlan, limit: number, total: number): void {
  if (offset > total) throw errors.pageOutOfRange(offset, total)
  const count = Math.min(limit, total - offset)
  reply.code(count < total ? 206 : 200).header('content-range', contentRange(offset, count, total))
}
