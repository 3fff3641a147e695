// Assigns the slot columns of the record table: u1..u4 to unique constraints, k1..k12 to indexed fields. An unchanged
// constraint or field keeps its slot; a new one takes a free slot, whose column may hold stale values until it is filled.
import type { Field } from '../fields/field.ts'
import { typeOf } from '../fields/index.ts'
import type { EntityDefinition, UniqueConstraint } from './entity.ts'

export const MAX_INDEXED = 12

export const MAX_CONSTRAINTS = 4

/** A key for comparing constraints: equal when they name the same fields, in any order. */
export function canonical(names: readonly string[]): string {
  return [...names].sort().join(',')
}

/** A constraint as the definition's `unique` lists it. */
export interface UniqueFields {
  /** Names of fields. */
  fields: string[]
  nulls?: 'equal'
  /** Absent: exactly. Fields that are no texts are always compared so. */
  compare?: 'ci'
}

type Unplaced = Omit<UniqueConstraint, 'slot'>

/** The constraints, without their slots: first those of single fields, then the definition's `unique`. */
export function constraintsOf(fields: readonly Field[], unique: readonly UniqueFields[]): Unplaced[] {
  const keyOf = new Map(fields.map(({ name, key }) => [name, key]))
  const single = fields.filter((field) => field.unique)
  return [
    ...single.map(
      (field): Unplaced => ({ keys: [field.key], ...(field.unique === 'ci' ? { ci: true } : {}) }),
    ),
    ...unique.map(({ fields: names, nulls, compare }) => ({
      keys: names.map((name) => keyOf.get(name) ?? name),
      ...(nulls === undefined ? {} : { nulls }),
      ...(compare === undefined ? {} : { ci: true as const }),
    })),
  ]
}

/** Assigns a slot to every constraint of the next version. */
export function assignUniqueSlots(
  current: readonly UniqueConstraint[],
  next: readonly Unplaced[],
): UniqueConstraint[] {
  const known = new Map(current.map(({ keys, slot }) => [canonical(keys), slot]))
  const kept = next.flatMap(({ keys }) => known.get(canonical(keys)) ?? [])
  // A slot that has just been freed still holds values of the old constraint, so it comes last.
  const freed = current.map(({ slot }) => slot)
  const free = [...without(MAX_CONSTRAINTS, freed), ...freed.filter((slot) => !kept.includes(slot))]
  return next.map((constraint) => ({
    ...constraint,
    slot: known.get(canonical(constraint.keys)) ?? (free.shift() as number),
  }))
}

/**
 * Assigns a slot to every field with `indexed: true`. A slot that the server assigned by itself stays while there is room;
 * one that is given up leaves once its keys have been copied, so that a field may have to wait for one.
 *
 * @param ready true when a new slot may be read at once, which takes an entity without records
 */
export function assignIndexSlots(
  current: Pick<EntityDefinition, 'fields' | 'slots'>,
  fields: readonly Field[],
  ready: boolean,
): Slots {
  const before = new Map(current.fields.map((field) => [field.key, field]))
  const indexed = fields.filter((field) => field.indexed === true)
  const automatic = fields.filter((field) => keepsAutomaticSlot(field, before.get(field.key), current.slots))
  const room = Math.max(0, MAX_INDEXED - indexed.length)
  const kept = [...indexed, ...automatic.slice(0, room)].filter(({ key }) =>
    Object.hasOwn(current.slots, key),
  )
  const stays = new Set(kept.map(({ key }) => key))
  const slots: Slots = Object.fromEntries(
    fields.flatMap((field) => slotAfter(field, current.slots, stays.has(field.key))),
  )
  const freed = Object.values(current.slots).map(({ slot }) => slot)
  return withSlots(slots, fields, { free: freeSlots(slots, freed), ready })
}

/** The slot that a field has had, if it stays or has to be read until its keys are copied. */
function slotAfter(field: Field, before: Slots, stays: boolean): [string, Slots[string]][] {
  const had = Object.hasOwn(before, field.key) ? before[field.key] : undefined
  if (had === undefined) return []
  const { slot, ready } = had
  if (stays) return [[field.key, { slot, ready }]]
  // Until a slot is filled, records keep the keys as well.
  const isOnlyPlace = ready && typeOf(field.type).keyInSql === undefined && isIndexable(field)
  return isOnlyPlace ? [[field.key, { slot, ready, leaving: true }]] : []
}

/** The slots, with those that fields ask for as long as there are free ones. */
function withSlots(
  slots: Slots,
  fields: readonly Field[],
  { free, ready }: { free: readonly number[]; ready: boolean },
): Slots {
  const waiting = fields.filter(({ key, indexed }) => indexed === true && !Object.hasOwn(slots, key))
  const given = waiting.slice(0, free.length).map(({ key }, at) => [key, { slot: free[at] as number, ready }])
  return { ...slots, ...Object.fromEntries(given) }
}

/** A slot without `indexed: true` was assigned by the server, and stays; one whose field has just lost the option goes. */
function keepsAutomaticSlot(field: Field, before: Field | undefined, slots: Slots): boolean {
  if (field.indexed === true || !Object.hasOwn(slots, field.key) || slots[field.key]?.leaving) return false
  return before?.indexed !== true && isIndexable(field)
}

/** The numbers from 1 to `count` that are not taken. */
function without(count: number, taken: readonly number[]): number[] {
  return Array.from({ length: count }, (_, at) => at + 1).filter((slot) => !taken.includes(slot))
}

export type Slots = EntityDefinition['slots']

/** Key and slot of the slots that are not ready: writes fill them, queries do not use them yet. */
export function pendingSlots(slots: Slots): [key: string, slot: number][] {
  return Object.entries(slots).flatMap(([key, { slot, ready }]) => (ready ? [] : [[key, slot]]))
}

/** Key and slot of those that are given up. */
export function leavingSlots(slots: Slots): [key: string, slot: number][] {
  return Object.entries(slots).flatMap(([key, { slot, leaving }]) => (leaving ? [[key, slot]] : []))
}

/** True when a slot has to be filled, or its keys copied, that was not already being worked on for the same field. */
export function needsFill(before: Slots, after: Slots): boolean {
  const isNew = ([key, slot]: [string, number]) => before[key]?.slot !== slot
  return pendingSlots(after).some(isNew) || leavingSlots(after).some(([key]) => !before[key]?.leaving)
}

/**
 * The slots after a fill: those that were pending are ready, those that were leaving are free for fields that wait for one,
 * unless a change that is being prepared has them.
 */
export function slotsAfterFill({
  fields,
  slots,
  pending,
}: Pick<EntityDefinition, 'fields' | 'slots' | 'pending'>): Slots {
  const stay = Object.entries(slots).filter(([, { leaving }]) => !leaving)
  const filled: Slots = Object.fromEntries(stay.map(([key, { slot }]) => [key, { slot, ready: true }]))
  const freed = leavingSlots(slots).map(([, slot]) => slot)
  return withSlots(filled, fields, { free: freeSlots({ ...filled, ...pending?.slots }, freed), ready: false })
}

/**
 * The slots that no field has, in the order in which they are assigned.
 *
 * @param freed slots that have just been freed: statements in progress may still read them, so they come last
 */
export function freeSlots(slots: Slots, freed: readonly number[] = []): number[] {
  const taken = Object.values(slots).map(({ slot }) => slot)
  const free = Array.from({ length: MAX_INDEXED }, (_, at) => at + 1).filter((slot) => !taken.includes(slot))
  return [...free.filter((slot) => !freed.includes(slot)), ...free.filter((slot) => freed.includes(slot))]
}

/** The unique slots that no constraint has. */
export function freeUniqueSlots(constraints: readonly UniqueConstraint[]): number[] {
  return without(
    MAX_CONSTRAINTS,
    constraints.map(({ slot }) => slot),
  )
}

/** True when the field holds a single value that can be compared and ordered. */
export function isIndexable(field: Field): boolean {
  const type = typeOf(field.type)
  return type.sortKey !== undefined && type.element?.(field) === undefined
}
