// Changing or deleting all records that a filter picks.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { planSelection } from '../../lib/query/plan/level.ts'
import { contentRange } from '../../lib/query/sql/page.ts'
import { planContext } from '../../lib/records/actor.ts'
import { deleteMatching } from '../../lib/records/delete/delete-matching-store.ts'
import { changeMatching } from '../../lib/records/update/update-matching-store.ts'
import type { Collection } from '../../lib/records/write/matching.ts'
import { readBody } from './body.ts'
import { type RecordRequest, rulesOf } from './request.ts'
import { shapedBody } from './rows.ts'
import { sendRows, type WriteRequest, writeRequestOf } from './write-request.ts'

const HONOURED = ['return', 'count', 'missing', 'maxAffected', 'tx'] as const

export async function patchMatching(request: RecordRequest, reply: FastifyReply) {
  const write = await writeRequestOf(request, reply, HONOURED)
  const collection = collectionOf(write, 'PATCH')
  const rules = rulesOf(request, write.actor, 'patch')
  const patch = readBody(request, rules, shapedBody(request.body, write))
  const rows = await changeMatching(request.server, write.actor, patch, collection)
  const total = write.preferences.count === undefined ? undefined : rows.length
  reply.header('content-range', contentRange(0, rows.length, total))
  return write.represents ? sendRows(reply, write, rows) : reply.code(204).send()
}

export async function removeMatching(request: RecordRequest, reply: FastifyReply) {
  const write = await writeRequestOf(request, reply, HONOURED)
  const rows = await deleteMatching(request.server, write.actor, collectionOf(write, 'DELETE'))
  reply.header('content-range', contentRange(0, 0, write.preferences.count && rows.length))
  return write.represents ? sendRows(reply, write, rows) : reply.code(204).send()
}

function collectionOf(
  { query, actor, preferences, answer, single, rollback }: WriteRequest,
  verb: string,
): Collection {
  if (query.where.length === 0) throw errors.filterRequired(verb)
  const scope = planSelection(query.where, planContext(actor))
  return { scope, maxAffected: preferences.maxAffected, single, rollback, answer }
}
