// Creating records: one, a list as a whole, a list as far as it is good, or either merged into what is there.
import type { FastifyReply } from 'fastify'
import { mapYielding } from '../../lib/concurrency/yielding-map.ts'
import { MOST_LISTED, Problem, type Violation } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import { BATCH, type Stored, storeGoodRecords, storeRecords } from '../../lib/records/create/batch-store.ts'
import { createRecords } from '../../lib/records/create/create-store.ts'
import type { IncomingRecord, ParsedRow } from '../../lib/records/create/row.ts'
import { outcomeJson } from '../../lib/records/create/row-outcome.ts'
import { withEtag } from '../../lib/records/read/read-store.ts'
import { RETURN_NOTHING } from '../../lib/records/return-plan.ts'
import { atRows, withoutRows } from '../../lib/records/write/row-problem.ts'
import { JSON_TYPE } from '../query-request.ts'
import { importRecordsOf } from './import.ts'
import { ImportBody } from './import-body.ts'
import { type RecordRequest, sendRecord } from './request.ts'
import { mergeOf, readList, readOnlyRow, rowReader } from './rows.ts'
import { sendRows, setOutcome, type WriteRequest, writeRequestOf } from './write-request.ts'

const HONOURED = ['return', 'count', 'resolution', 'missing', 'tx', 'bulk'] as const

export async function createRecordsOf(request: RecordRequest, reply: FastifyReply) {
  const { body } = request
  if (body instanceof ImportBody) return importRecordsOf(request, reply, body)
  const write = await writeRequestOf(request, reply, HONOURED)
  if (write.query.where.length > 0) throw errors.malformedQuery('A POST takes no filter.')
  const read = rowReader(request, write)
  if (!Array.isArray(body)) {
    const stored = await store(request, write, [readOnlyRow(read, body)]).catch(withoutRows)
    return write.preferences.return === undefined
      ? answerOne(reply, write, stored)
      : answerStored(reply, write, stored)
  }
  if (body.length === 0) await request.server.registry.confirm(write.actor.caller.tenant)
  if (write.preferences.bulk === 'partial')
    return createGood(request, reply, write, await mapYielding(body, read))
  if (write.single && body.length !== 1) throw errors.notSingular(body.length)
  return answerStored(reply, write, await storeList(request, write, await readList(read, body)))
}

/** Stores every row of a list or none: then the refusal names each that is bad, by itself or beside what is stored. */
async function storeList(request: RecordRequest, write: WriteRequest, rows: ParsedRow[]): Promise<Stored> {
  const refused = rows.flatMap(({ violations }, row) => violations.map((one) => ({ ...one, row })))
  const numbers = rows.flatMap(({ violations }, row) => (violations.length === 0 ? [row] : []))
  const good = numbers.map((row) => (rows[row] as ParsedRow).candidate)
  if (refused.length === 0) return store(request, write, good).catch((error) => atRows(numbers)(error))
  // More than can be listed need no others.
  const others = refused.length > MOST_LISTED ? [] : await whatStandsAgainst(request, write, good, numbers)
  throw errors.invalidBody([...refused, ...others].sort((a, b) => (a.row ?? 0) - (b.row ?? 0)))
}

/** What would be told of the rows if they came without others. */
async function whatStandsAgainst(
  { server }: RecordRequest,
  write: WriteRequest,
  rows: readonly IncomingRecord[],
  numbers: readonly number[],
): Promise<Violation[]> {
  const options = { merge: mergeOf(write), answer: RETURN_NOTHING, rollback: true }
  try {
    await storeRecords(server, write.actor, rows, options).catch(atRows(numbers))
    return []
  } catch (error) {
    if (error instanceof Problem) return error.extras.errors ?? []
    throw error
  }
}

/** Stores every row or none: in one round trip where nothing needs a transaction. */
async function store(
  { server }: RecordRequest,
  write: WriteRequest,
  rows: IncomingRecord[],
): Promise<Stored> {
  const merge = mergeOf(write)
  const { actor, answer, rollback } = write
  if (merge !== undefined || rollback || answer.apart || rows.length > BATCH)
    return storeRecords(server, actor, rows, { ...write, merge })
  const data = rows.map(({ whole }) => whole)
  return { rows: await createRecords(server, actor, data, answer), created: rows.length }
}

/** By `return`: the records, or nothing but the place of a single one. */
function answerStored(reply: FastifyReply, write: WriteRequest, { rows, created }: Stored) {
  setOutcome(reply, write, { count: rows.length, created, only: rows.length === 1 ? rows[0]?.id : undefined })
  return write.represents ? sendRows(reply, write, rows) : reply.send()
}

/** A body that was one record is answered with it. */
function answerOne(reply: FastifyReply, write: WriteRequest, stored: Stored) {
  const [row] = stored.rows
  const isList = write.wanted.form === 'csv' || write.wanted.form === 'ndjson'
  if (isList) return answerStored(reply, write, stored)
  if (row === undefined) return reply.code(204).send()
  setOutcome(reply, write, { count: 1, created: stored.created, only: row.id })
  return sendRecord(reply, withEtag(write.actor, row.record, row.version, row.id), write.wanted)
}

/** Stores the good rows; the answer tells what became of each. */
async function createGood(
  request: RecordRequest,
  reply: FastifyReply,
  write: WriteRequest,
  rows: ParsedRow[],
) {
  const good = rows.filter(({ violations }) => violations.length === 0)
  if (good.length === 0) await request.server.registry.confirm(write.actor.caller.tenant)
  const candidates = good.map(({ candidate }) => candidate)
  const options = { ...write, merge: mergeOf(write) }
  const outcomes = await storeGoodRecords(request.server, write.actor, candidates, options)
  const byRow = new Map(good.map((row, at) => [row, outcomes[at]]))
  const results = rows.map((row) => outcomeJson(byRow.get(row) ?? row, write.represents))
  return reply
    .code(207)
    .type(JSON_TYPE)
    .send(`[${results.join(',')}]`)
}
