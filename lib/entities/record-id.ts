// The ids of records, UUIDv7: an id begins with the millisecond in which the record was created, so ids order as records were
// created. `created_at` is that millisecond and nothing else, so ordering or filtering by it uses the primary key.
import { v7 } from 'uuid'
import { isUuid } from '../fields/uuid.ts'

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

/** Version and variant of a UUIDv7 (RFC 9562, 5.7). */
const VERSION_7 = /^.{14}7.{4}[89ab]/

/** Milliseconds by which another clock may be ahead. */
const CLOCK_SKEW = 60_000

/** Whether an id that a client made, in lower case, can be a record's: a UUIDv7 that is not of the future. */
export function isPlausibleId(id: string): boolean {
  return isUuid(id) && VERSION_7.test(id) && Date.parse(createdAtOf(id)) <= Date.now() + CLOCK_SKEW
}
