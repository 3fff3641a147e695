// One record by its id.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { acceptedVersions, isNotModified, requireVersion } from '../../lib/http/etag.ts'
import type { Query } from '../../lib/query/ast.ts'
import { deleteRecord } from '../../lib/records/delete/delete-one-store.ts'
import { getRecord, recordId, type StoredRecord } from '../../lib/records/read/read-store.ts'
import { RETURN_NOTHING } from '../../lib/records/return-plan.ts'
import { changeRecord, type WriteOptions } from '../../lib/records/update/update-store.ts'
import { preferencesOf, queryOf } from '../query-request.ts'
import { convertBody } from './body.ts'
import { type Representation, recordRepresentation } from './representation.ts'
import { actorOf, pageLimitsOf, type RecordRequest, rulesOf, sendRecord } from './request.ts'
import { shapedBody } from './rows.ts'
import { answerOf } from './write-request.ts'

const HONOURED = ['return', 'missing', 'tx'] as const

export async function getOne(request: RecordRequest, reply: FastifyReply) {
  const wanted = recordRepresentation(request.headers.accept)
  preferencesOf(request, reply, [])
  const query = queryOfOne(request)
  const actor = await actorOf(request, query)
  const id = recordId(request.params.id)
  const record = await getRecord(request.server, actor, id, { query, limits: pageLimitsOf(request) })
  requireVersion(request.headers['if-match'], record.etag)
  if (isNotModified(request.headers['if-none-match'], record.etag)) {
    return reply.code(304).header('etag', record.etag).send()
  }
  return sendRecord(reply, record, wanted)
}

export async function replaceOne(request: RecordRequest, reply: FastifyReply) {
  return changeOne(request, reply, 'replace')
}

export async function patchOne(request: RecordRequest, reply: FastifyReply) {
  return changeOne(request, reply, 'patch')
}

async function changeOne(request: RecordRequest, reply: FastifyReply, how: 'replace' | 'patch') {
  const write = await writeOf(request, reply, 'representation')
  const id = recordId(request.params.id)
  const body = convertBody(request, rulesOf(request, write.actor, how), shapedBody(request.body, write))
  const record = await changeRecord(request.server, write.actor, id, { ...write.options, body })
  if (write.wanted === undefined) reply.header('etag', record.etag)
  return tell(reply, record, write.wanted)
}

export async function removeOne(request: RecordRequest, reply: FastifyReply) {
  const { actor, options, wanted } = await writeOf(request, reply, 'minimal')
  const record = await deleteRecord(request.server, actor, recordId(request.params.id), options)
  return tell(reply, record, wanted)
}

/** Says how the record is told; which one it is says the path. */
function queryOfOne(request: RecordRequest): Query {
  const query = queryOf(request)
  if (query.where.length > 0) throw errors.malformedQuery('A record that is named by its id takes no filter.')
  return query
}

/** @param usual what `return` is where the client does not say */
async function writeOf(request: RecordRequest, reply: FastifyReply, usual: 'representation' | 'minimal') {
  const preferences = preferencesOf(request, reply, HONOURED)
  const query = queryOfOne(request)
  const told = (preferences.return ?? usual) === 'representation'
  const wanted = told ? recordRepresentation(request.headers.accept) : undefined
  const actor = await actorOf(request, query)
  const options: WriteOptions = {
    versions: acceptedVersions(request.headers['if-match']),
    answer: told ? answerOf(request, actor, query) : RETURN_NOTHING,
    rollback: preferences.tx === 'rollback',
  }
  return { actor, query, preferences, wanted, options }
}

/** The record, when it is wanted. */
function tell(reply: FastifyReply, record: StoredRecord, wanted: Representation | undefined) {
  return wanted === undefined ? reply.code(204).send() : sendRecord(reply, record, wanted)
}
