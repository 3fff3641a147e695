// Creating records: one, a list as a whole, a list as far as it is good, or a list merged into what is there.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import { conflictTarget, pickColumns, splitIds } from '../../lib/records/bodies.ts'
import {
  insertGoodRecords,
  insertRecords,
  ONE_STATEMENT,
  type RowOutcome,
} from '../../lib/records/insert-store.ts'
import { mergeRecords } from '../../lib/records/merge-store.ts'
import type { StoredRecord } from '../../lib/records/read-store.ts'
import { type Converted, type StoredPatch, storedPatch } from '../../lib/records/stored-data.ts'
import type { WrittenRow } from '../../lib/records/write.ts'
import { createRecords } from '../../lib/records/write-store.ts'
import { readBodies, readBody, readRows } from './body.ts'
import { JSON_TYPE, type RecordRequest, rulesOf, sendRecord } from './request.ts'
import { sendRows, setWrittenRange, type WriteRequest, writeRequestOf } from './write-request.ts'

const HONOURED = ['return', 'count', 'resolution', 'missing', 'tx', 'bulk'] as const

export async function createRecordsOf(request: RecordRequest, reply: FastifyReply) {
  const write = await writeRequestOf(request, reply, HONOURED)
  const { query, preferences, actor } = write
  if (query.where.length > 0) throw errors.malformedQuery('A POST takes no filter.')
  const bodies = pickColumns(actor.policy.visible, listOf(request.body), query.columns)
  if (bodies.length === 0) await request.server.registry.confirm(actor.caller.tenant)
  if (write.single && bodies.length !== 1) throw errors.notSingular(bodies.length)
  if (preferences.resolution !== undefined) return merge(request, reply, write, bodies)
  if (preferences.bulk === 'partial') return createGood(request, reply, write, bodies)
  const rules = rulesOf(request, actor, 'create')
  const data = Array.isArray(request.body)
    ? await readBodies(request, rules, bodies)
    : [readBody(request, rules, bodies[0])]
  if (needsTransaction(write, data.length)) return createAsPreferred(request, reply, write, data)
  const made = await createRecords(request.server, actor, data, write.answer)
  reply.code(201)
  if (!Array.isArray(request.body)) return sendNew(reply, write, made[0] as StoredRecord)
  setWrittenRange(reply, write, made)
  return reply.type(JSON_TYPE).send(`[${made.map(({ json }) => json).join(',')}]`)
}

/** Whether one round trip is not enough. */
function needsTransaction({ preferences, rollback, answer, single }: WriteRequest, count: number): boolean {
  return preferences.return !== undefined || rollback || answer.embeds || single || count > ONE_STATEMENT
}

function listOf(body: unknown): unknown[] {
  return Array.isArray(body) ? body : [body]
}

function sendNew(reply: FastifyReply, { actor }: WriteRequest, record: StoredRecord) {
  reply.header('location', `/${actor.entity.name}/${record.id}`)
  return sendRecord(reply, record)
}

async function createAsPreferred(
  request: RecordRequest,
  reply: FastifyReply,
  write: WriteRequest,
  data: StoredPatch[],
) {
  const rows = await insertRecords(request.server, write.actor, data, write)
  return answerWritten(reply.code(201), write, rows)
}

/** By `return`: the records, or nothing but the place of a single one. */
function answerWritten(reply: FastifyReply, write: WriteRequest, rows: readonly WrittenRow[]) {
  const [row] = rows
  setWrittenRange(reply, write, rows)
  if (rows.length === 1 && row !== undefined)
    reply.header('location', `/${write.actor.entity.name}/${row.id}`)
  const { return: wanted } = write.preferences
  if (write.single || (wanted !== 'minimal' && wanted !== 'headers-only')) return sendRows(reply, write, rows)
  return reply.send()
}

async function merge(request: RecordRequest, reply: FastifyReply, write: WriteRequest, bodies: unknown[]) {
  const { actor, answer, rollback, preferences, query } = write
  const target = conflictTarget(actor.policy.visible, query.onConflict)
  const { ids, rest } = target === null ? splitIds(bodies) : { ids: [], rest: bodies }
  const whole = await readBodies(request, rulesOf(request, actor, 'create'), rest)
  const rows = whole.map((data, at) => ({
    whole: data,
    given: storedPatch(actor.policy.settable, rest[at]).data,
    id: ids[at],
  }))
  const resolution = preferences.resolution ?? 'merge-duplicates'
  const merged = await mergeRecords(request.server, actor, rows, { target, resolution, rollback, answer })
  return answerWritten(reply.code(merged.inserted > 0 ? 201 : 200), write, merged.rows)
}

/** Stores the good rows; the answer tells what became of each. */
async function createGood(
  request: RecordRequest,
  reply: FastifyReply,
  write: WriteRequest,
  bodies: unknown[],
) {
  const rows = await readRows(request, rulesOf(request, write.actor, 'create'), bodies)
  const good = rows.filter(({ violations }) => violations.length === 0)
  if (good.length === 0) await request.server.registry.confirm(write.actor.caller.tenant)
  const outcomes = await insertGoodRecords(
    request.server,
    write.actor,
    good.map(({ data }) => data),
    write,
  )
  const byRow = new Map(good.map((row, at) => [row, outcomes[at]]))
  reply.code(207).type(JSON_TYPE)
  return `[${rows.map((row) => describeRow(row, byRow.get(row))).join(',')}]`
}

function describeRow({ violations }: Converted, outcome: RowOutcome | undefined): string {
  if (outcome === undefined) return JSON.stringify({ status: 400, errors: violations })
  if ('row' in outcome) return `{"status":201,"record":${outcome.row.record}}`
  return JSON.stringify({ status: outcome.refusal.kind.status, errors: outcome.violations })
}
