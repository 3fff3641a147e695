// What one existing record gets while a change is prepared: values under the new keys with all that is derived of them, and its
// misfits. Pure; what the record has now stays as it is.
import { derive } from '../../entities/derived-columns.ts'
import type { Entity, PendingChange } from '../../entities/entity.ts'
import { hasOwnKey, misfitKeyOf, writtenForm } from '../../entities/pending.ts'
import type { Lookups } from '../../schema/conversion/convert-value.ts'
import { prepareValue } from '../../schema/conversion/prepare-value.ts'
import { withoutNulls } from '../stored-data.ts'
import { linkRows, type TargetIds } from '../write/column-changes.ts'
import type { CurrentRecord } from '../write/lock-store.ts'
import type { NewRecord } from '../write/written-row.ts'

export interface Preparation {
  entity: Entity
  pending: PendingChange
  targets: TargetIds
  /** By the new keys of the fields whose values lead to records or come of them. */
  lookups: ReadonlyMap<string, Lookups>
}

/** Keys under which values are prepared. */
export function ownKeys({ fields }: PendingChange): string[] {
  return fields.filter(hasOwnKey).map(({ to }) => to.key)
}

/** Columns of the slots that are prepared. */
export function ownSlots({ constraints, slots }: PendingChange): string[] {
  return [
    ...Object.values(slots).map(({ slot }) => `k${slot}`),
    ...constraints.map(({ slot }) => `u${slot}`),
  ].sort()
}

/** The columns to be written: of `data` and `keys` the prepared part alone. */
export function prepareRow(preparation: Preparation, { id, data }: CurrentRecord): NewRecord {
  const { entity, pending, targets, lookups } = preparation
  const found: { key: string; reason: string }[] = []
  const values: Record<string, unknown> = {}
  for (const field of pending.fields) {
    const { from, to, revives } = field
    const kept = revives ? data[to.key] : undefined
    const source = data[from?.key ?? to.key]
    const { value, misfit } = prepareValue(field, source, { kept, lookups: lookups.get(to.key) })
    if (hasOwnKey(field)) values[to.key] = value
    if (misfit !== undefined) found.push({ key: to.key, reason: misfit })
  }
  const { keys, slots, links } = derive(writtenForm(entity), withoutNulls({ ...data, ...values }))
  const own = new Set(ownKeys(pending))
  return {
    id,
    data: withoutNulls(values),
    keys: Object.fromEntries(Object.entries(keys).filter(([key]) => own.has(key))),
    slots: Object.fromEntries(ownSlots(pending).map((name) => [name, slots[name] ?? null])),
    links: linkRows(
      links.filter(({ field }) => own.has(field)),
      targets,
    ),
    misfits: { settled: settledKeys(pending), found },
  }
}

function settledKeys({ fields, constraints }: PendingChange): string[] {
  return [...new Set([...fields.map(({ to }) => to.key), ...constraints.map(misfitKeyOf)])]
}

/** Whether the record has all of it already; slots are not compared. */
export function isPrepared(
  { data, keys, slots, links }: NewRecord,
  own: readonly string[],
  now: CurrentRecord,
) {
  if (Object.keys(slots).length > 0 || links.length > 0) return false
  const isSame = (one: Record<string, unknown>, other: Readonly<Record<string, unknown>>) =>
    own.every((key) => JSON.stringify(one[key]) === JSON.stringify(other[key]))
  return isSame(data, now.data) && isSame(keys, now.keys)
}
