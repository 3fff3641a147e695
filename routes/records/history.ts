// The history of a record, the trash of an entity, and the way back from both.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { nextLink } from '../../lib/http/next-link.ts'
import { eraseHistory } from '../../lib/records/history/erase-store.ts'
import { readHistory } from '../../lib/records/history/history-store.ts'
import { restoreRecord } from '../../lib/records/history/restore-store.ts'
import { logOfPresent, setBack } from '../../lib/records/history/set-back-store.ts'
import { listTrash } from '../../lib/records/history/trash-store.ts'
import { recordId, type StoredRecord, withEtag } from '../../lib/records/read/read-store.ts'
import { returnPlanOf } from '../../lib/records/return-plan.ts'
import { JSON_REPRESENTATION, sendRecord } from './representation.ts'
import { admitActor, type RecordRequest } from './request.ts'

export const PAGE_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 0, description: 'Page size.' },
    cursor: { type: 'string', minLength: 1, maxLength: 1000, description: 'Where the page begins: of Link.' },
  },
}

export const CHANGES_QUERY = {
  type: 'object',
  additionalProperties: false,
  properties: {
    limit: { type: 'integer', minimum: 1, description: 'Most changes.' },
    after: { type: 'string', minLength: 1, maxLength: 1000, description: 'The cursor of the last change.' },
  },
}

export const RESTORE_BODY = {
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    version: { type: 'integer', minimum: 1, maximum: 2 ** 31 - 1, description: 'The version to go back to' },
    with: { enum: ['cascade'], description: 'Brings back all that was deleted in the same transaction' },
  },
}

interface Page {
  limit?: number
  cursor?: string
}

function pageOf({ query, server }: RecordRequest) {
  const { limit, cursor } = query as Page
  const { DEFAULT_LIMIT, MAX_LIMIT } = server.settings
  return { limit: Math.max(1, Math.min(limit ?? DEFAULT_LIMIT, MAX_LIMIT)), cursor }
}

export async function historyOf(request: RecordRequest, reply: FastifyReply) {
  const actor = await admitActor(request)
  const page = await readHistory(request.server, actor, {
    id: recordId(request.params.id),
    ...pageOf(request),
  })
  if (page.nextCursor !== undefined) reply.header('link', nextLink(request.url, 'cursor', page.nextCursor))
  return page.entries
}

export async function trashOf(request: RecordRequest, reply: FastifyReply) {
  const actor = await admitActor(request)
  const page = await listTrash(request.server, actor, pageOf(request))
  if (page.nextCursor !== undefined) reply.header('link', nextLink(request.url, 'cursor', page.nextCursor))
  return page.records
}

export async function eraseOne(request: RecordRequest, reply: FastifyReply) {
  const actor = await admitActor(request)
  await eraseHistory(request.server, actor, recordId(request.params.id))
  return reply.code(204).send()
}

interface RestoreBody {
  version?: number
  with?: 'cascade'
}

export async function restoreOne(request: RecordRequest, reply: FastifyReply) {
  const { server, params } = request
  const actor = await admitActor(request)
  const id = recordId(params.id)
  const { version, with: together } = (request.body ?? {}) as RestoreBody
  const answer = returnPlanOf(server, actor, server.plans.wholeRecord)
  const present = await logOfPresent(server, actor, id)
  if (present === undefined) {
    const { row, warnings } = await restoreRecord(server, actor, {
      id,
      version,
      cascade: together === 'cascade',
      answer,
    })
    reply.code(201).header('location', `/${actor.entity.name}/${id}`)
    return sendRestored(reply, withEtag(server, actor, row), warnings)
  }
  if (version === undefined || together !== undefined) throw errors.recordExists()
  const versions = server.recordEtags.acceptedVersions(request.headers['if-match'], {
    entityId: actor.entity.id,
    id,
  })
  const { record, warnings } = await setBack(server, actor, present, { version, versions, answer })
  return sendRestored(reply, record, warnings)
}

function sendRestored(reply: FastifyReply, record: StoredRecord, warnings: readonly string[]) {
  if (warnings.length > 0) reply.header('univera-warning', warnings.join('; '))
  return sendRecord(reply, record, JSON_REPRESENTATION)
}
