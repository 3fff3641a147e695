// One record by its id: parsed, read or written, and sent.
import type { FastifyReply } from 'fastify'
import { hasAliases } from '../../lib/entities/read-shape.ts'
import { isNotModified } from '../../lib/http/etag.ts'
import type { Actor } from '../../lib/records/actor.ts'
import { deleteRecord } from '../../lib/records/delete/delete-one-store.ts'
import { storesAsOf } from '../../lib/records/history/as-of-store.ts'
import { getRecord, recordId, type StoredRecord } from '../../lib/records/read/read-store.ts'
import { changeRecord } from '../../lib/records/update/update-store.ts'
import { readChange } from './body.ts'
import { namesTwice, settleBy } from './former-names.ts'
import { sendRecord } from './representation.ts'
import { type Conditions, parseRecordRequest, type RecordRequest } from './request.ts'
import { parseWriteRequest, type WriteRequest } from './write-request.ts'

const HONOURED = ['return', 'missing', 'tx', 'sign'] as const

export async function getOne(request: RecordRequest, reply: FastifyReply) {
  const { actor, query, asOf, representation, conditions } = await parseRecordRequest(request, reply, [
    'sign',
  ])
  const id = recordId(request.params.id)
  const stores = asOf === undefined ? request.server : await storesAsOf(request.server, actor, asOf, id)
  const record = await getRecord(stores, actor, id, query)
  if (conditions !== undefined && isUnchanged(request, { actor, conditions, record }))
    return reply.code(304).header('etag', record.etag).send()
  return sendRecord(reply, record, representation)
}

export async function replaceOne(request: RecordRequest, reply: FastifyReply) {
  return changeOne(request, reply, 'replace')
}

export async function patchOne(request: RecordRequest, reply: FastifyReply) {
  return changeOne(request, reply, 'patch')
}

async function changeOne(request: RecordRequest, reply: FastifyReply, how: 'replace' | 'patch') {
  const write = await parseWriteRequest(request, reply, HONOURED)
  const id = recordId(request.params.id)
  const body = readChange(
    request,
    write,
    how,
    hasAliases(write.actor.entity) ? await settlement(request, write, id) : undefined,
  )
  const record = await changeRecord(request.server, write.actor, id, { ...write, body })
  reply.header('etag', record.etag)
  return sendWritten(reply, write, record)
}

/** How a body that gives a field two values, under its present and a former name, is settled: by what is stored. */
async function settlement(request: RecordRequest, { actor }: WriteRequest, id: string) {
  if (!namesTwice(actor, request.body)) return undefined
  const { json } = await getRecord(request.server, actor, id)
  return settleBy(JSON.parse(json))
}

export async function removeOne(request: RecordRequest, reply: FastifyReply) {
  const write = await parseWriteRequest(request, reply, HONOURED)
  const id = recordId(request.params.id)
  return sendWritten(reply, write, await deleteRecord(request.server, write.actor, id, write))
}

function sendWritten(
  reply: FastifyReply,
  { represents, representation }: WriteRequest,
  record: StoredRecord,
) {
  return represents ? sendRecord(reply, record, representation) : reply.code(204).send()
}

interface ReadRecord {
  actor: Actor
  conditions: Conditions
  record: StoredRecord
}

/** Whether the caller's copy is still good; errors.preconditionFailed by If-Match. */
function isUnchanged({ server }: RecordRequest, { actor, conditions, record }: ReadRecord): boolean {
  const { id, etag } = record
  server.recordEtags.requireVersion(conditions.ifMatch, { entityId: actor.entity.id, id }, etag)
  return isNotModified(conditions.ifNoneMatch, etag)
}
