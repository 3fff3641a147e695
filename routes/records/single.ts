// One record by its id.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { changeRecord } from '../../lib/records/change-store.ts'
import { acceptedVersions, isNotModified, requireVersion } from '../../lib/records/etag.ts'
import { getRecord, recordId } from '../../lib/records/read-store.ts'
import { deleteRecord } from '../../lib/records/write-store.ts'
import { convertBody } from './body.ts'
import { recordRepresentation } from './representation.ts'
import {
  actorOf,
  pageLimitsOf,
  preferencesOf,
  queryOf,
  type RecordRequest,
  rulesOf,
  sendRecord,
} from './request.ts'

export async function getOne(request: RecordRequest, reply: FastifyReply) {
  const wanted = recordRepresentation(request.headers.accept)
  const query = queryOf(request)
  if (query.where.length > 0) throw errors.malformedQuery('A record that is named by its id takes no filter.')
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
  const wanted = recordRepresentation(request.headers.accept)
  const preferences = preferencesOf(request, reply, ['return'])
  const actor = await actorOf(request)
  const id = recordId(request.params.id)
  const versions = acceptedVersions(request.headers['if-match'])
  const body = convertBody(request, rulesOf(request, actor, how))
  const record = await changeRecord(request.server, actor, id, { body, versions })
  if (preferences.return === 'minimal') return reply.code(204).header('etag', record.etag).send()
  return sendRecord(reply, record, wanted)
}

export async function removeOne(request: RecordRequest, reply: FastifyReply) {
  const versions = acceptedVersions(request.headers['if-match'])
  await deleteRecord(request.server, await actorOf(request), recordId(request.params.id), versions)
  return reply.code(204).send()
}
