// The times of new records whose ids their clients have made. Such an id says when the client made it, which may be long
// before the record: then the record has the time of its creation, and its entity is no longer ordered by id.
import type { Entity } from '../../entities/entity.ts'
import { createdAtOf } from '../../entities/record-id.ts'
import { IdsOutOfOrder } from '../write/ids-out-of-order.ts'
import type { NewRecord } from '../write/written-row.ts'
import type { IncomingRecord } from './row.ts'

/** Milliseconds by which the time of an id may differ from that of the record and stands for it. */
const TOLERANCE = 60_000

/** The records to insert, each with its times; IdsOutOfOrder. */
export function withOwnTimes<T extends { record: NewRecord; at: number }>(
  entity: Entity,
  inserts: readonly T[],
  rows: readonly IncomingRecord[],
): T[] {
  const now = Date.now()
  return inserts.map((one) => {
    const isOwn = rows[one.at]?.id !== undefined && one.record.createdAt === undefined
    return isOwn ? { ...one, record: timed(entity, one.record, now) } : one
  })
}

function timed(entity: Entity, record: NewRecord, now: number): NewRecord {
  const claimed = Date.parse(createdAtOf(record.id))
  if (Math.abs(now - claimed) <= TOLERANCE)
    return { ...record, updatedAt: new Date(Math.max(now, claimed)).toISOString() }
  if (entity.orderedByTime !== true) throw new IdsOutOfOrder(entity)
  const time = new Date(now).toISOString()
  return { ...record, createdAt: time, updatedAt: time }
}
