// Changes or deletes all records that a filter selects.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { planSelection } from '../../lib/query/plan/level.ts'
import { contentRange } from '../../lib/query/sql/page.ts'
import { planContext } from '../../lib/records/actor.ts'
import { deleteMatching } from '../../lib/records/delete/delete-matching-store.ts'
import { changeMatching } from '../../lib/records/update/update-matching-store.ts'
import type { Affected, Collection } from '../../lib/records/write/matching.ts'
import { readChange } from './body.ts'
import { patchRows } from './change-rows.ts'
import { sendRecords } from './representation.ts'
import type { RecordRequest } from './request.ts'
import { parseWriteRequest, type WriteRequest } from './write-request.ts'

const HONOURED = ['return', 'count', 'missing', 'maxAffected', 'tx', 'sign'] as const

export async function patchMatching(request: RecordRequest, reply: FastifyReply) {
  if (Array.isArray(request.body)) return patchRows(request, reply)
  const write = await parseWriteRequest(request, reply, HONOURED)
  const collection = collectionOf(write)
  const { data, violations } = readChange(request, write, 'patch')
  if (violations.length > 0) throw errors.invalidBody(violations)
  const affected = await changeMatching(request.server, write.actor, data, collection)
  const total = write.preferences.count && affected.count
  reply.header('content-range', contentRange(0, affected.count, total))
  return sendRows(reply, write, affected)
}

export async function removeMatching(request: RecordRequest, reply: FastifyReply) {
  const write = await parseWriteRequest(request, reply, HONOURED)
  const affected = await deleteMatching(request.server, write.actor, collectionOf(write))
  const total = write.preferences.count && affected.count
  reply.header('content-range', contentRange(0, 0, total))
  return sendRows(reply, write, affected)
}

function collectionOf({ query, actor, preferences, answer, single, rollback }: WriteRequest): Collection {
  const scope = planSelection(query.where, planContext(actor))
  return { scope, maxAffected: preferences.maxAffected, single, rollback, answer }
}

function sendRows(reply: FastifyReply, write: WriteRequest, { rows }: Affected) {
  const { represents, representation, answer } = write
  if (!represents) return reply.code(204).send()
  const records = rows.map(({ record }) => record)
  return sendRecords(reply, records, representation, answer.outputs)
}
