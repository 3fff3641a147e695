// Fields whose records without a value get the default: beside live traffic they take a key of their own, so that nobody sees
// the default before the change is in force. Pure.
import type { Entity } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { freshKey, retire } from '../change/field-keys.ts'
import type { FieldConversion } from './field-conversion.ts'
import type { PlannedChange } from './planned-change.ts'

/** The change with new keys for the fields that are filled in place. */
export function withOwnKeys(planned: PlannedChange): PlannedChange {
  const { current, next, work } = planned
  const filled = work.fields.flatMap((to) => {
    const from = current.fields.find(({ key }) => key === to.key)
    return from !== undefined && fillsIn(from, to, work.backfill) ? [{ from, to }] : []
  })
  if (filled.length === 0) return planned
  const used = new Set([...current.fields, ...next.fields].map(({ key }) => key))
  for (const key of next.retiredKeys) used.add(key)
  const keys = new Map(filled.map(({ to }) => [to.key, freshKey(to.name, used)]))
  const conversions = new Map(work.conversions)
  for (const { from, to } of filled) {
    const moved = movedField(from, to, keys.get(to.key) as string)
    const backfill = work.backfill.has(to.key) ? { backfill: true as const } : {}
    conversions.set(moved.key, { from, to: moved, options: {}, ...backfill } satisfies FieldConversion)
  }
  const fields = work.fields.filter(({ key }) => !keys.has(key))
  const moved = withMovedKeys(next, keys, conversions)
  const retiredKeys = retire(current, moved.fields)
  return { ...planned, next: { ...moved, retiredKeys }, work: { ...work, fields, conversions } }
}

function fillsIn(from: Field, to: Field, backfill: ReadonlySet<string>): boolean {
  if (to.default === undefined) return false
  return backfill.has(to.key) || (to.required === true && from.required !== true)
}

function movedField(from: Field, to: Field, key: string): Field {
  const linked = typeOf(from.type).targets?.(from).length ? { linked: true as const } : {}
  return { ...to, key, from: [{ key: from.key, ...linked }, ...(from.from ?? [])] }
}

function withMovedKeys(
  next: Entity,
  keys: ReadonlyMap<string, string>,
  conversions: ReadonlyMap<string, FieldConversion>,
): Entity {
  const follow = (key: string) => keys.get(key) ?? key
  return {
    ...next,
    fields: next.fields.map((field) => conversions.get(follow(field.key))?.to ?? field),
    constraints: next.constraints.map((one) => ({ ...one, keys: one.keys.map(follow) })),
    slots: Object.fromEntries(Object.entries(next.slots).map(([key, slot]) => [follow(key), slot])),
    aliases: next.aliases?.map((alias) => ({ ...alias, key: follow(alias.key) })),
  }
}
