// What a changed definition asks of one existing record: pure. In comes the row as stored, out come the columns that
// have to be written, or what does not fit.
import { isDeepStrictEqual } from 'node:util'
import { derive } from '../../entities/derived-columns.ts'
import type { Entity } from '../../entities/entity.ts'
import { pendingSlots } from '../../entities/slots.ts'
import type { Violation } from '../../errors/problem.ts'
import { trims } from '../../fields/trim.ts'
import { below, violation } from '../../fields/violation.ts'
import type { Lookups } from '../conversion/convert-value.ts'
import type { FieldConversion } from '../conversion/field-conversion.ts'
import { type Settled, settleRevived, settleValue } from '../conversion/settle-value.ts'
import { createConverter } from './record-converter.ts'
import type { RecordRewrite } from './revise.ts'

/** A stored row: `slots` has the columns that slotColumns names. */
export interface RewriteRow {
  id: string
  data: Record<string, unknown>
  keys: Record<string, string>
  slots: Record<string, string | null>
}

export interface RowOutcome {
  violations: readonly Violation[]
  /** Absent when the row can stay as it is. */
  update?: RewriteRow & {
    /** Whether the record itself is changed, not only what is derived from it. */
    changed: boolean
  }
  /** Names of the fields whose values have lost white space. */
  trimmed: readonly string[]
  /** What became of the values that go to new keys, by these. */
  settled: ReadonlyMap<string, Settled>
}

/** What the values of some rows lead to, by the new key of the field. */
export type LookupsByKey = ReadonlyMap<string, Lookups>

/** Slot columns that the entity uses. */
export function slotColumns({ slots, constraints }: Pick<Entity, 'slots' | 'constraints'>): string[] {
  const index = Object.values(slots).map(({ slot }) => `k${slot}`)
  return [...index, ...constraints.map(({ slot }) => `u${slot}`)].sort()
}

/**
 * A function that says what becomes of each row under the new definition. An index slot that is not ready is written
 * with the rest of a row, but is no reason to write one. A row's data may be given apart, without what is to be left out.
 */
export function createRowRewriter(
  entity: Entity,
  work: RecordRewrite,
): (row: RewriteRow, data?: RewriteRow['data'], lookups?: LookupsByKey) => RowOutcome {
  const convert = createConverter(work)
  const pending = pendingSlots(entity.slots).map(([, slot]) => `k${slot}`)
  return (row, before = row.data, lookups = new Map()) => {
    const inPlace = convert(before)
    const settled = settleAll(work, { row, before, lookups })
    const violations = inOrder(entity, inPlace.violations, refusals(work, settled))
    const trimmed = [...inPlace.trimmed, ...trimmedBy(work, before, settled)]
    if (violations.length > 0) return { violations, trimmed, settled }
    const data = withSettled(inPlace.data, settled)
    const { keys, slots } = derive(entity, data)
    const columns = { keys: { ...row.keys, ...keys }, slots: { ...slots, ...pick(row.slots, pending) } }
    // That a value has a new form makes no new version of the record: the definition has one.
    const changed = !isDeepStrictEqual(inPlace.data, row.data)
    const same =
      !changed &&
      isDeepStrictEqual({ ...columns, data }, { keys: row.keys, slots: row.slots, data: row.data })
    if (same) return { violations, trimmed, settled }
    return { violations, trimmed, settled, update: { id: row.id, data, keys, slots, changed } }
  }
}

/** Violations in the order of the fields. */
function inOrder(
  { fields }: Entity,
  some: readonly Violation[],
  others: readonly Violation[],
): readonly Violation[] {
  if (some.length === 0 || others.length === 0) return [...some, ...others]
  const place = (one: Violation) => fields.findIndex(({ name }) => name === one.pointer.split('/', 2)[1])
  return [...some, ...others].sort((a, b) => place(a) - place(b))
}

interface Settling {
  row: RewriteRow
  /** The data without what is to be left out. */
  before: RewriteRow['data']
  lookups: LookupsByKey
}

function settleAll({ conversions }: RecordRewrite, { row, before, lookups }: Settling): Map<string, Settled> {
  return new Map(
    [...conversions].map(([key, conversion]) => {
      const value = before[conversion.from.key]
      const found = lookups.get(key)
      if (!conversion.revives) return [key, settleValue(value, conversion, found)]
      // What it led to is gone.
      if (before[key] === undefined && row.data[key] !== undefined)
        return [key, settleValue(undefined, conversion)]
      return [key, settleRevived(before[key], value, conversion, found)]
    }),
  )
}

function refusals({ conversions }: RecordRewrite, settled: ReadonlyMap<string, Settled>): Violation[] {
  return [...settled].flatMap(([key, { misfit, refused }]) =>
    refused && misfit
      ? below(conversions.get(key)?.to.name ?? key, [violation(misfit.keyword, misfit.message)])
      : [],
  )
}

function withSettled(data: Readonly<RewriteRow['data']>, settled: ReadonlyMap<string, Settled>) {
  const all = { ...data }
  for (const [key, { value }] of settled) {
    if (value === undefined || value === null) delete all[key]
    else all[key] = value
  }
  return all
}

/** The fields whose values keep their form but for white space. */
function trimmedBy(
  { conversions }: RecordRewrite,
  before: RewriteRow['data'],
  settled: ReadonlyMap<string, Settled>,
) {
  const losing = [...conversions.values()].filter(({ from, to }) => {
    const [old, now] = [before[from.key], settled.get(to.key)?.value]
    return (
      typeof old === 'string' && typeof now === 'string' && trims(to) && old !== now && old.trim() === now
    )
  })
  return losing.map(({ to }: FieldConversion) => to.name)
}

function pick<T>(from: Record<string, T>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, from[name] as T]))
}
