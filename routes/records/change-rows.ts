// Changes records each in its own way: every row of the body names one and gives the fields to change. All of them or none,
// or each as far as it can be.
import type { FastifyReply } from 'fastify'
import { mapYielding } from '../../lib/concurrency/yielding-map.ts'
import { requireClient } from '../../lib/db/while-awaited.ts'
import { contentRange } from '../../lib/query/sql/page.ts'
import { requireRoom } from '../../lib/records/body-size.ts'
import { storeAllRows, storeGoodRows } from '../../lib/records/create/parsed-rows-store.ts'
import { outcomeJson } from '../../lib/records/create/row-outcome.ts'
import { countGiven } from '../../lib/records/input.ts'
import { checkAffected } from '../../lib/records/write/matching.ts'
import { JSON_TYPE } from '../query-request.ts'
import { changeReader, readList } from './body.ts'
import { sendRecords } from './representation.ts'
import type { RecordRequest } from './request.ts'
import { type CreateRequest, parseRowChange } from './write-request.ts'

/** @param request its body is an array */
export async function patchRows(request: RecordRequest, reply: FastifyReply) {
  const change = await parseRowChange(request, reply)
  const bodies = request.body as unknown[]
  const names = identityNames(change)
  requireRoom(bodies.length, countGiven(bodies, names), request.server.settings)
  checkAffected(bodies.length, { maxAffected: change.preferences.maxAffected, single: change.single })
  const read = changeReader(request, change, names)
  const resume = () => requireClient(change.actor)
  if (change.preferences.bulk === 'partial') {
    const outcomes = await storeGoodRows(
      request.server,
      change.actor,
      await mapYielding(bodies, read, resume),
      change,
    )
    const results = outcomes.map((outcome) => outcomeJson(outcome, change.represents))
    return reply
      .code(207)
      .type(JSON_TYPE)
      .send(`[${results.join(',')}]`)
  }
  const rows = await readList(read, bodies, resume)
  const stored = await storeAllRows(request.server, change.actor, rows, change)
  const total = change.preferences.count && stored.rows.length
  reply.header('content-range', contentRange(0, stored.rows.length, total))
  if (!change.represents) return reply.code(204).send()
  const records = stored.rows.map(({ record }) => record)
  return sendRecords(reply, records, change.representation, change.answer.outputs)
}

/** The members of a row that name its record. */
function identityNames({ actor, merge }: CreateRequest): string[] {
  const keys = merge?.target?.keys
  if (keys === undefined) return ['id']
  return actor.entity.fields.filter(({ key }) => keys.includes(key)).map(({ name }) => name)
}
