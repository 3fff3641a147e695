// Changing or deleting all records that a filter picks.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { planScope } from '../../lib/query/plan/level.ts'
import { planContext } from '../../lib/records/actor.ts'
import { type Collection, changeMatching, deleteMatching } from '../../lib/records/collection-store.ts'
import type { WrittenRow } from '../../lib/records/write.ts'
import { readBody } from './body.ts'
import { type RecordRequest, rulesOf } from './request.ts'
import { sendRows, setWrittenRange, type WriteRequest, writeRequestOf } from './write-request.ts'

const HONOURED = ['return', 'count', 'maxAffected', 'tx'] as const

export async function patchMatching(request: RecordRequest, reply: FastifyReply) {
  const write = await writeRequestOf(request, reply, HONOURED)
  const collection = collectionOf(write, 'PATCH')
  const patch = readBody(request, rulesOf(request, write.actor, 'patch'))
  return send(reply, write, await changeMatching(request.server, write.actor, patch, collection))
}

export async function removeMatching(request: RecordRequest, reply: FastifyReply) {
  const write = await writeRequestOf(request, reply, HONOURED)
  return send(reply, write, await deleteMatching(request.server, write.actor, collectionOf(write, 'DELETE')))
}

function collectionOf(
  { query, actor, preferences, answer, single, rollback }: WriteRequest,
  verb: string,
): Collection {
  if (query.where.length === 0) throw errors.filterRequired(verb)
  const scope = planScope(query.where, planContext(actor))
  return { scope, maxAffected: preferences.maxAffected, single, rollback, answer }
}

function send(reply: FastifyReply, write: WriteRequest, rows: WrittenRow[]) {
  setWrittenRange(reply, write, rows)
  if (write.preferences.return === 'representation' || write.single) return sendRows(reply, write, rows)
  return reply.code(204).send()
}
