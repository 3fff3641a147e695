// What a write of records asks for: by its query, its Prefer header and the media type that it accepts.
import type { FastifyReply } from 'fastify'
import { errors } from '../../lib/errors.ts'
import type { Query } from '../../lib/query/ast.ts'
import type { Preferences } from '../../lib/query/prefer.ts'
import { type Actor, planContext } from '../../lib/records/actor.ts'
import { type Answer, planAnswer } from '../../lib/records/answer.ts'
import type { WrittenRow } from '../../lib/records/write.ts'
import {
  actorOf,
  JSON_TYPE,
  OBJECT_TYPE,
  preferencesOf,
  queryOf,
  type RecordRequest,
  wantsObject,
} from './request.ts'

export interface WriteRequest {
  query: Query
  actor: Actor
  preferences: Preferences
  answer: Answer
  /** The answer is to be one object, so the write must concern exactly one record. */
  single: boolean
  rollback: boolean
}

export async function writeRequestOf(
  request: RecordRequest,
  reply: FastifyReply,
  honoured: readonly (keyof Preferences)[],
): Promise<WriteRequest> {
  const preferences = preferencesOf(request, reply, honoured)
  const query = queryOf(request)
  const actor = await actorOf(request, query)
  if (
    query.limit !== undefined ||
    query.offset !== undefined ||
    query.order.length > 0 ||
    query.cursor !== undefined
  )
    throw errors.malformedQuery('A write takes no order, limit, offset or cursor.')
  return {
    query,
    actor,
    preferences,
    answer: planAnswer(query, planContext(actor)),
    single: wantsObject(request),
    rollback: preferences.tx === 'rollback',
  }
}

/** The written records as an array, or the only one as an object. */
export function sendRows(reply: FastifyReply, { single }: WriteRequest, rows: readonly WrittenRow[]) {
  if (!single) return reply.type(JSON_TYPE).send(`[${rows.map(({ record }) => record).join(',')}]`)
  if (rows.length !== 1) throw errors.notSingular(rows.length)
  return reply.type(OBJECT_TYPE).send(rows[0]?.record)
}

/** With a count, how many records were written. */
export function setWrittenRange(
  reply: FastifyReply,
  { preferences }: WriteRequest,
  rows: readonly unknown[],
): void {
  if (preferences.count !== undefined) reply.header('content-range', `*/${rows.length}`)
}
