// The decisions of an upsert, row by row: which record it meets, whether it may be changed, what is inserted instead.

import type { UniqueConstraint } from '../../entities/entity.ts'
import { isPlausibleId } from '../../entities/record-id.ts'
import type { Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { Actor } from '../actor.ts'
import { mergedRecord, type TargetIds } from '../write/column-changes.ts'
import { duplicatesWithin, type Repetition, takenBy } from '../write/conflicts.ts'
import type { CurrentRecord } from '../write/lock-store.ts'
import { RepeatedRows } from '../write/row-problem.ts'
import { addedLinks } from '../write/visible-references-store.ts'
import type { LinkRow, NewRecord } from '../write/written-row.ts'
import type { IncomingRecord } from './row.ts'

/** A record to be written, and the row that it comes of. */
export interface RowWrite {
  record: NewRecord
  at: number
  /** Those of its links that are new. */
  links: readonly LinkRow[]
}

interface Options {
  target: UniqueConstraint | null
  resolution: 'merge-duplicates' | 'ignore-duplicates'
}

interface Rows {
  actor: Actor
  targets: TargetIds
  options: Options
  rows: readonly IncomingRecord[]
  fresh: readonly NewRecord[]
}

/** What finds the record that a row meets; null: it meets none. */
export function identify(
  { id, slots }: Pick<NewRecord, 'id' | 'slots'>,
  target: UniqueConstraint | null,
): string | null {
  return target === null ? id : (slots[`u${target.slot}`] ?? null)
}

/** RepeatedRows when rows would be merged into one record: which of them counts, nobody has said. */
export function refuseRepeatedRows(
  actor: Actor,
  identities: readonly (string | null)[],
  earlier: ReadonlySet<string>,
  { target, resolution }: Options,
): void {
  if (resolution === 'ignore-duplicates') return
  const seen = new Map<string, number>()
  const repeated: Repetition[] = []
  const stored: Violation[] = []
  for (const [row, identity] of identities.entries()) {
    if (identity === null) continue
    const first = seen.get(identity)
    const violation = { ...takenBy(namedBy(actor), target, row), row }
    if (earlier.has(identity)) stored.push(violation)
    else if (first !== undefined) repeated.push({ violation, first })
    seen.set(identity, first ?? row)
  }
  if (stored.length > 0) throw errors.uniqueConflict(stored)
  if (repeated.length > 0) throw new RepeatedRows(repeated)
}

/**
 * What is inserted and what is written anew; rows that are to be ignored are in neither.
 *
 * @param allowed ids of the met records that the caller may ignore, or merge into
 */
export function divide(
  { actor, targets, options, rows, fresh }: Rows,
  met: ReadonlyMap<string, CurrentRecord>,
  allowed: ReadonlySet<string>,
) {
  const { target, resolution } = options
  const identified = fresh.map((record, at) => {
    return { record, at, links: record.links, identity: identify(record, target) }
  })
  const meeting = identified.flatMap(({ at, identity }) => {
    const current = met.get(identity ?? '')
    return current === undefined ? [] : [{ current, at }]
  })
  refuseOthers(
    actor,
    target,
    meeting.filter(({ current }) => !allowed.has(current.id)),
  )
  const merging = resolution === 'merge-duplicates' ? meeting : []
  const updates = merging.map(({ current, at }): RowWrite => {
    const { given } = rows[at] as IncomingRecord
    const links = addedLinks(actor, current.data, given, targets)
    return { record: mergedRecord(actor.entity, current, given, targets), at, links }
  })
  const inserts = firstOfEach(identified.filter(({ identity }) => !met.has(identity ?? '')))
  refuseImplausibleIds(inserts, rows)
  refuseRepeatedValues(actor, [...inserts, ...updates])
  return { inserts, updates }
}

/** Of rows that are to be ignored when they meet a record the first makes it. */
function firstOfEach(rows: readonly (RowWrite & { identity: string | null })[]): RowWrite[] {
  const seen = new Set<string>()
  return rows.filter(({ identity }) => {
    if (identity === null) return true
    const isFirst = !seen.has(identity)
    seen.add(identity)
    return isFirst
  })
}

/** A record that the caller may not see or change stands against a row like any other that has the value. */
function refuseOthers(
  actor: Actor,
  target: UniqueConstraint | null,
  others: readonly { at: number }[],
): void {
  if (others.length > 0)
    throw errors.uniqueConflict(others.map(({ at }) => takenBy(namedBy(actor), target, at)))
}

/** The words in which the caller may be told of constraints. */
function namedBy({ entity, policy }: Actor) {
  return { entity, readable: policy.readable }
}

/** A record's id tells when it was created, so a client's own has to be of now or before. */
function refuseImplausibleIds(inserts: readonly RowWrite[], rows: readonly IncomingRecord[]): void {
  const message = 'names no record; leave it out to create one, or send a UUIDv7 that is not of the future'
  const refused = inserts
    .filter(
      ({ at, record }) =>
        rows[at]?.id !== undefined && rows[at].times === undefined && !isPlausibleId(record.id),
    )
    .map(({ at }) => ({ pointer: '/id', keyword: 'format', message, row: at }))
  if (refused.length > 0) throw errors.invalidBody(refused)
}

/** RepeatedRows when two of the records would have one unique value. */
function refuseRepeatedValues(actor: Actor, placed: readonly RowWrite[]): void {
  const repeated = duplicatesWithin(
    namedBy(actor),
    placed.map(({ record }) => record),
  )
  if (repeated.length === 0) return
  const rowOf = (at: number) => placed[at]?.at ?? 0
  throw new RepeatedRows(
    repeated.map(({ violation, first }) => ({
      violation: { ...violation, row: rowOf(violation.row) },
      first: rowOf(first),
    })),
  )
}
