// Why the rows of an upsert, or of a change of many records, are refused before anything is written.
import type { UniqueConstraint } from '../../entities/entity.ts'
import { isPlausibleId } from '../../entities/record-id.ts'
import type { Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import type { Actor } from '../actor.ts'
import {
  duplicatesWithin,
  EARLIER_ROW,
  type Repetition,
  renumbered,
  rowHolds,
  takenBy,
} from '../write/conflicts.ts'
import { RepeatedRows } from '../write/row-problem.ts'
import type { IncomingRecord, MergeOptions, RowWrite } from './row.ts'

/** RepeatedRows when rows would be merged into one record: which of them counts, nobody has said. */
export function refuseRepeatedRows(
  actor: Actor,
  identities: readonly (string | null)[],
  earlier: ReadonlySet<string>,
  { target, resolution }: MergeOptions,
): void {
  if (resolution === 'ignore-duplicates') return
  const seen = new Map<string, number>()
  const repeated: Repetition[] = []
  const stored: Violation[] = []
  for (const [row, identity] of identities.entries()) {
    if (identity === null) continue
    const first = seen.get(identity)
    const holder = first === undefined || earlier.has(identity) ? EARLIER_ROW : rowHolds(first)
    const violation = { ...takenBy(namedBy(actor), target, row, holder), row }
    if (earlier.has(identity)) stored.push(violation)
    else if (first !== undefined) repeated.push({ violation, first })
    seen.set(identity, first ?? row)
  }
  if (resolution === 'change-existing') refuseTwice([...stored, ...repeated.map((one) => one.violation)])
  if (stored.length > 0) throw errors.uniqueConflict(stored)
  if (repeated.length > 0) throw new RepeatedRows(repeated)
}

/** errors.invalidBody: of two changes of one record nobody has said which counts. */
function refuseTwice(rows: readonly Violation[]): void {
  const message = 'names the same record as an earlier row'
  if (rows.length > 0) throw errors.invalidBody(rows.map((row) => ({ ...row, message })))
}

/** A record that the caller may not see or change stands against a row like any other that has the value. */
export function refuseOthers(
  actor: Actor,
  target: UniqueConstraint | null,
  others: readonly { at: number }[],
): void {
  if (others.length > 0)
    throw errors.uniqueConflict(others.map(({ at }) => takenBy(namedBy(actor), target, at)))
}

/** errors.recordsNotFound, errors.rowNotAllowed. */
export function requireChangeable(
  actor: Actor,
  target: UniqueConstraint | null,
  missing: readonly { at: number }[],
  others: readonly { at: number }[],
): void {
  const message = 'names no record'
  const unknown = missing.map(({ at }) => ({
    ...takenBy(namedBy(actor), target, at),
    keyword: 'exists',
    message,
  }))
  if (unknown.length > 0) throw errors.recordsNotFound(unknown)
  const refused = others.map(({ at }) => ({
    ...takenBy(namedBy(actor), target, at),
    keyword: 'permission',
    message: 'names a record that you may not change',
  }))
  if (refused.length > 0) throw errors.rowNotAllowed(refused)
}

/** errors.invalidBody when a new record lacks required fields, which a merge may leave out. */
export function refuseIncomplete(inserts: readonly RowWrite[], rows: readonly IncomingRecord[]): void {
  const lacking = inserts.flatMap(({ at }) => (rows[at]?.lacking ?? []).map((one) => ({ ...one, row: at })))
  if (lacking.length > 0) throw errors.invalidBody(lacking)
}

/** The words in which the caller may be told of constraints. */
function namedBy({ entity, policy }: Actor) {
  return { entity, readable: policy.readable }
}

/** A record's id tells when it was created, so a client's own has to be of now or before. */
export function refuseImplausibleIds(inserts: readonly RowWrite[], rows: readonly IncomingRecord[]): void {
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
export function refuseRepeatedValues(
  actor: Actor,
  placed: readonly RowWrite[],
  keeps: (at: number, constraint: UniqueConstraint) => boolean,
): void {
  const rowOf = (at: number) => placed[at]?.at ?? 0
  const repeated = duplicatesWithin(
    namedBy(actor),
    placed.map(({ record }) => record),
    (at, constraint) => keeps(rowOf(at), constraint),
  )
  if (repeated.length === 0) return
  throw new RepeatedRows(
    repeated.map(({ violation, first }) => ({
      violation: { ...renumbered(violation, rowOf), row: rowOf(violation.row) },
      first: rowOf(first),
    })),
  )
}
