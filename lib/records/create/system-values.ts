// Ids and times that records had in another system: taken out of bodies, validated, and given to the new records.
import { createdAtOf, isPlausibleId } from '../../entities/record-id.ts'
import type { Violation } from '../../errors/problem.ts'
import { canonicalDatetime } from '../../fields/iso-time.ts'
import { violation } from '../../fields/violation.ts'
import { splitId } from '../input.ts'
import type { NewRecord } from '../write/written-row.ts'
import type { IncomingRecord, KeptTimes } from './row.ts'

export interface SystemValues {
  id: string | undefined
  times: KeptTimes | undefined
  /** The body without them. */
  rest: unknown
  violations: Violation[]
}

/** The system fields that a body may have under `system-fields=keep`. */
export const KEPT_FIELDS = ['id', 'created_at', 'updated_at'] as const

/** Milliseconds by which the clock of the other system may be ahead. */
const CLOCK_SKEW = 60_000

/** Takes the system fields out of a body; what is missing or null is as if the record were new. */
export function splitSystemValues(body: unknown): SystemValues {
  const { id, rest, violations } = splitId(withoutNullId(body))
  if (typeof rest !== 'object' || rest === null || Array.isArray(rest))
    return { id, times: undefined, rest, violations }
  const { created_at: created, updated_at: updated, ...fields } = rest as Record<string, unknown>
  const given = { created: readTime(created), updated: readTime(updated) }
  const found = [
    ...timeViolations('/created_at', given.created),
    ...timeViolations('/updated_at', given.updated),
  ]
  if (found.length > 0) return { id, times: undefined, rest: fields, violations: [...violations, ...found] }
  const times = timesOf(id, given.created as Time, given.updated as Time)
  if (Date.parse(times.updatedAt) < Date.parse(times.createdAt))
    violations.push(violation('minimum', 'must not be before created_at', '/updated_at'))
  return { id, times, rest: fields, violations }
}

/** The records with the ids and times that their rows give. */
export function withSystemValues(
  records: readonly NewRecord[],
  rows: readonly IncomingRecord[],
): readonly NewRecord[] {
  if (rows.every(({ id, times }) => id === undefined && times === undefined)) return records
  return records.map((record, at) => ({ ...record, id: rows[at]?.id ?? record.id, ...rows[at]?.times }))
}

function withoutNullId(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || !('id' in body) || body.id !== null) return body
  const { id: _, ...rest } = body
  return rest
}

/** Undefined: none is given; null: what is given is no time of the past. */
type Time = string | undefined

function readTime(value: unknown): Time | null {
  if (value === undefined || value === null) return undefined
  const time = typeof value === 'string' ? canonicalDatetime(value.trim().replace(' ', 'T')) : undefined
  return time !== undefined && Date.parse(time) <= Date.now() + CLOCK_SKEW ? time : null
}

function timeViolations(pointer: string, time: Time | null): Violation[] {
  const message =
    'must be a date and time with an offset, such as 2024-02-29T12:00:00Z, that is not of the future'
  return time === null ? [violation('format', message, pointer)] : []
}

/** A record without a time of creation has that of its id, or else it was created when it was last changed. */
function timesOf(id: string | undefined, created: Time, updated: Time): KeptTimes {
  const now = new Date().toISOString()
  const ofId = id !== undefined && isPlausibleId(id) ? createdAtOf(id) : undefined
  return { createdAt: created ?? ofId ?? updated ?? now, updatedAt: updated ?? now }
}
