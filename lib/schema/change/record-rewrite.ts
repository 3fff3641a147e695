// What a changed definition asks of one existing record: pure. In comes the row as stored, out come the columns that
// have to be written, or what does not fit.
import { isDeepStrictEqual } from 'node:util'
import { derive } from '../../entities/derived-columns.ts'
import type { Entity } from '../../entities/entity.ts'
import { pendingSlots } from '../../entities/slots.ts'
import type { Violation } from '../../errors/problem.ts'
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
}

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
): (row: RewriteRow, data?: RewriteRow['data']) => RowOutcome {
  const convert = createConverter(work)
  const pending = pendingSlots(entity.slots).map(([, slot]) => `k${slot}`)
  return (row, before = row.data) => {
    const { data, violations, trimmed } = convert(before)
    if (violations.length > 0) return { violations, trimmed }
    const { keys, slots } = derive(entity, data)
    const changed = !isDeepStrictEqual(data, row.data)
    const columns = { keys: { ...row.keys, ...keys }, slots: { ...slots, ...pick(row.slots, pending) } }
    const same = !changed && isDeepStrictEqual(columns, { keys: row.keys, slots: row.slots })
    if (same) return { violations, trimmed }
    return { violations, trimmed, update: { id: row.id, data: { ...data }, keys, slots, changed } }
  }
}

function pick<T>(from: Record<string, T>, names: readonly string[]): Record<string, T> {
  return Object.fromEntries(names.map((name) => [name, from[name] as T]))
}
