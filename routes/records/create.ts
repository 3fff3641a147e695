// Creates records from a JSON body: one, a list as a whole, a list as far as it is good, or either merged into records that
// exist.
import type { FastifyReply } from 'fastify'
import { mapYielding } from '../../lib/concurrency/yielding-map.ts'
import { requireClient } from '../../lib/db/while-awaited.ts'
import { errors } from '../../lib/errors.ts'
import { requireRoom } from '../../lib/records/body-size.ts'
import type { Stored } from '../../lib/records/create/batch-store.ts'
import { createRecords } from '../../lib/records/create/create-store.ts'
import { storeAllRows, storeGoodRows } from '../../lib/records/create/parsed-rows-store.ts'
import { outcomeJson } from '../../lib/records/create/row-outcome.ts'
import { withEtag } from '../../lib/records/read/read-store.ts'
import { withoutRows } from '../../lib/records/write/row-problem.ts'
import { JSON_TYPE } from '../query-request.ts'
import { readList, rowReader } from './body.ts'
import { sendRecord, sendRecords } from './representation.ts'
import type { RecordRequest } from './request.ts'
import { type CreateRequest, parseCreateRequest } from './write-request.ts'

export async function createRecordsOf(request: RecordRequest, reply: FastifyReply) {
  const create = await parseCreateRequest(request, reply)
  const { body } = request
  if (!Array.isArray(body)) return createOne(request, reply, create)
  // Of a new record every field is written, given or not.
  requireRoom(body.length, body.length * create.actor.entity.fields.length, request.server.settings)
  const handler = create.preferences.bulk === 'partial' ? createGood : createAll
  return handler(request, reply, create)
}

async function createOne(request: RecordRequest, reply: FastifyReply, create: CreateRequest) {
  const read = rowReader(request, create)
  const { candidate, violations } = read(request.body)
  if (violations.length > 0) throw errors.invalidBody(violations)
  const stored = await createRecords(request.server, create.actor, [candidate], create).catch(withoutRows)
  return create.preferences.return === undefined
    ? sendOne(reply, create, stored)
    : sendStored(reply, create, stored)
}

async function createAll(request: RecordRequest, reply: FastifyReply, create: CreateRequest) {
  const bodies = request.body as unknown[]
  if (create.single && bodies.length !== 1) throw errors.notSingular(bodies.length)
  const rows = await readList(rowReader(request, create), bodies, () => requireClient(create.actor))
  return sendStored(reply, create, await storeAllRows(request.server, create.actor, rows, create))
}

async function createGood(request: RecordRequest, reply: FastifyReply, create: CreateRequest) {
  const bodies = request.body as unknown[]
  const rows = await mapYielding(bodies, rowReader(request, create), () => requireClient(create.actor))
  const outcomes = await storeGoodRows(request.server, create.actor, rows, create)
  const results = outcomes.map((outcome) => outcomeJson(outcome, create.represents))
  reply.code(207).type(JSON_TYPE)
  return reply.send(`[${results.join(',')}]`)
}

/** What a POST has stored. */
export interface Outcome {
  count: number
  created: number
  /** The id of the record, when it is the only one. */
  only: string | undefined
}

/** Status and headers of what has been stored; as in PostgREST a merge that creates nothing is 200, an insert never. */
export function setOutcome(
  reply: FastifyReply,
  { preferences, actor }: CreateRequest,
  { count, created, only }: Outcome,
): void {
  reply.code(created === 0 && preferences.resolution === 'merge-duplicates' ? 200 : 201)
  if (preferences.count !== undefined) reply.header('content-range', `*/${count}`)
  if (only !== undefined) reply.header('location', `/${actor.entity.name}/${only}`)
}

/** By `return`: the records, or nothing but the location of a single one. */
function sendStored(reply: FastifyReply, create: CreateRequest, { rows, created }: Stored) {
  const only = rows.length === 1 ? rows[0]?.id : undefined
  setOutcome(reply, create, { count: rows.length, created, only })
  if (!create.represents) return reply.send()
  const records = rows.map(({ record }) => record)
  return sendRecords(reply, records, create.representation, create.answer.outputs)
}

/** Sends the record of a body that was one, unless rows of text are asked for; 204 when it was ignored. */
function sendOne(reply: FastifyReply, create: CreateRequest, stored: Stored) {
  const { actor, representation } = create
  const [row] = stored.rows
  if (representation.form === 'csv' || representation.form === 'ndjson')
    return sendStored(reply, create, stored)
  if (row === undefined) return reply.code(204).send()
  setOutcome(reply, create, { count: 1, created: stored.created, only: row.id })
  return sendRecord(reply, withEtag(reply.server, actor, row), representation)
}
