// A record's id is a UUIDv7: it begins with the millisecond in which the record was created, so that records order by
// their ids as they came. `created_at` is that millisecond and nothing else; so whoever orders or filters by it is
// served by the primary key.
import { v7 } from 'uuid'

export const newRecordId = (): string => v7()

/** When the record of this id was created, ISO 8601 in UTC. */
export function createdAtOf(id: string): string {
  return new Date(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)).toISOString()
}

/** The least id of a record created in this millisecond or later. */
export function firstIdAt(milliseconds: number): string {
  const time = Math.max(0, milliseconds).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Milliseconds by which another clock may be ahead. */
const CLOCK_SKEW = 60_000

/** Whether an id that was made elsewhere, in lower case, can be a record's: it tells a time that is not to come. */
export function isPlausibleId(id: string): boolean {
  return UUID_V7.test(id) && Date.parse(createdAtOf(id)) <= Date.now() + CLOCK_SKEW
}
