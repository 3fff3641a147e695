// What a write of records asks for, by its query, its Prefer header and the media type that it accepts; and its answer.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import type { Query } from '../../lib/query/ast.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import { type Actor, planContext } from '../../lib/records/actor.ts'
import { renderRecords, stripNulls } from '../../lib/records/format/record-text.ts'
import { cachedPlan } from '../../lib/records/plan-cache.ts'
import { planReturn, RETURN_NOTHING, type ReturnPlan } from '../../lib/records/return-plan.ts'
import { preferencesOf, queryOf } from '../query-request.ts'
import { listRepresentation, type Representation, textOf } from './representation.ts'
import { actorOf, pageLimitsOf, type RecordRequest } from './request.ts'

export interface WriteRequest {
  query: Query
  actor: Actor
  preferences: Preferences
  answer: ReturnPlan
  wanted: Representation
  /** The answer is to be one object, so the write must concern exactly one record. */
  single: boolean
  /** The answer is to hold the records. */
  represents: boolean
  rollback: boolean
}

/** @param honoured the preferences that mean something to the route */
export async function writeRequestOf(
  request: RecordRequest,
  reply: FastifyReply,
  honoured: readonly (keyof Preferences)[],
): Promise<WriteRequest> {
  const preferences = preferencesOf(request, reply, honoured)
  const query = queryOf(request)
  refusePaging(request.method, query)
  const actor = await actorOf(request, query)
  const wanted = listRepresentation(request.headers.accept)
  const single = wanted.form === 'object'
  const represents = isRepresented(request.method, preferences, single)
  const answer = answerOf(request, actor, query)
  const rollback = preferences.tx === 'rollback'
  return {
    query,
    actor,
    preferences,
    answer: represents ? answer : RETURN_NOTHING,
    wanted,
    single,
    represents,
    rollback,
  }
}

/** An insert passes `limit` and `offset` over, as in PostgREST: its clients send them before they ask for one record. */
function refusePaging(method: string, { limit, offset, cursor }: Query): void {
  const pages = method !== 'POST' && (limit !== undefined || offset !== undefined)
  if (pages || cursor !== undefined)
    throw errors.malformedQuery('A write takes no limit, offset or cursor; see Prefer: max-affected.')
}

/** What the query asks of written records. */
export function answerOf(request: RecordRequest, actor: Actor, query: Query): ReturnPlan {
  const limits = pageLimitsOf(request)
  return cachedPlan('answer', actor, query, (reader) => planReturn(query, planContext(reader, limits)))
}

/** What has been created is told unless it is not wanted; what has been changed or deleted when it is. */
function isRepresented(method: string, { return: wanted }: Preferences, single: boolean): boolean {
  return wanted === undefined ? single || method === 'POST' : wanted === 'representation'
}

/** What a POST has come to. */
export interface Outcome {
  count: number
  created: number
  /** The id of the record, when it is the only one. */
  only: string | undefined
}

/** Status and headers of what has been stored; as in PostgREST a merge that creates nothing is 200, an insert never. */
export function setOutcome(
  reply: FastifyReply,
  { preferences, actor }: WriteRequest,
  { count, created, only }: Outcome,
): void {
  reply.code(created === 0 && preferences.resolution === 'merge-duplicates' ? 200 : 201)
  if (preferences.count !== undefined) reply.header('content-range', `*/${count}`)
  if (only !== undefined) reply.header('location', `/${actor.entity.name}/${only}`)
}

/** The written records in the form that is wanted. */
export function sendRows(
  reply: FastifyReply,
  { wanted, answer }: WriteRequest,
  rows: readonly { record: string }[],
) {
  const records = rows.map(({ record }) => record)
  reply.type(wanted.contentType)
  if (wanted.form !== 'object') return reply.send(renderRecords(textOf(wanted, answer.outputs), records))
  const [record] = records
  if (record === undefined || records.length > 1) throw errors.notSingular(records.length)
  return reply.send(wanted.stripped ? stripNulls(record) : record)
}
