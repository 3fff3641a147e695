// A list as CSV or as lines of JSON: whole unless `limit` is given, and streamed.

import { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import { insertAudit } from '../../lib/audit/audit-store.ts'
import { errors } from '../../lib/errors.ts'
import { type ListPlan, planList } from '../../lib/query/plan/plan-list.ts'
import { contentRange } from '../../lib/query/sql/page.ts'
import { type Actor, planContext } from '../../lib/records/actor.ts'
import { countRecords } from '../../lib/records/read/count-store.ts'
import { openExport } from '../../lib/records/read/export-store.ts'
import type { ListRequest } from './list-request.ts'
import { type Representation, textOf } from './representation.ts'
import type { RecordRequest } from './request.ts'

/** Characters of an export's query that the audit log keeps. */
const MOST_NOTED = 2000

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
  await noteExport(request, actor, wanted).catch((error) => {
    stream.destroy()
    throw error
  })
  return reply.send(stream)
}

/** Nothing leaves before the log says so. */
async function noteExport(
  { server, url }: RecordRequest,
  { caller, entity }: Actor,
  { form }: Representation,
) {
  const query = url.split('?')[1]?.slice(0, MOST_NOTED) ?? ''
  const event = { action: 'records.export', target: entity.name, details: { format: form, query } } as const
  await server.db.write(caller.tenant, [], insertAudit(caller, event))
}

function setRange(reply: FastifyReply, { offset }: ListPlan, limit: number, total: number): void {
  if (offset > total) throw errors.pageOutOfRange(offset, total)
  const count = Math.min(limit, total - offset)
  reply.code(count < total ? 206 : 200).header('content-range', contentRange(offset, count, total))
}
