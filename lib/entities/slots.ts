// Who has which slot of the record table: u1..u4 for unique constraints, k1..k12 for indexed fields. What stays the same
// keeps its slot; what is new takes a free one, whose column holds nothing that may be trusted until it is filled.
import type { Field } from '../fields/field.ts'
import { typeOf } from '../fields/index.ts'
import type { EntityDefinition, UniqueConstraint } from './entity.ts'

export const MAX_INDEXED = 12

export const MAX_CONSTRAINTS = 4

/** Constraints are equal when they name the same fields, in whatever order. */
export function canonical(names: readonly string[]): string {
  return [...names].sort().join(',')
}

/** Lists of field keys: first the fields that say `unique: true`, then those of the definition's `unique`. */
export function constraintKeys(fields: readonly Field[], unique: readonly string[][]): string[][] {
  const keyOf = new Map(fields.map(({ name, key }) => [name, key]))
  const single = fields.filter((field) => field.unique === true).map(({ key }) => [key])
  return [...single, ...unique.map((names) => names.map((name) => keyOf.get(name) ?? name))]
}

/** Gives every constraint its slot. */
export function assignUniqueSlots(
  current: readonly UniqueConstraint[],
  wanted: readonly string[][],
): UniqueConstraint[] {
  const known = new Map(current.map(({ keys, slot }) => [canonical(keys), slot]))
  const kept = wanted.flatMap((keys) => known.get(canonical(keys)) ?? [])
  // A slot that nobody had holds no old values; one that was just freed comes last.
  const freed = current.map(({ slot }) => slot)
  const free = [...without(MAX_CONSTRAINTS, freed), ...freed.filter((slot) => !kept.includes(slot))]
  return wanted.map((keys) => ({ keys, slot: known.get(canonical(keys)) ?? (free.shift() as number) }))
}

/**
 * Gives every indexed field its slot. A slot that the server gave a field by itself stays while there is room.
 *
 * @param ready whether a new slot may be read at once: only when there are no records
 */
export function assignIndexSlots(
  current: Pick<EntityDefinition, 'fields' | 'slots'>,
  fields: readonly Field[],
  ready: boolean,
): Slots {
  const before = new Map(current.fields.map((field) => [field.key, field]))
  const asked = fields.filter((field) => field.indexed === true)
  const own = fields.filter((field) => keepsOwnSlot(field, before.get(field.key), current.slots))
  const room = Math.max(0, MAX_INDEXED - asked.length)
  const kept = [...asked, ...own.slice(0, room)].filter(({ key }) => Object.hasOwn(current.slots, key))
  const slots: Slots = Object.fromEntries(kept.map(({ key }) => [key, current.slots[key] as Slots[string]]))
  const freed = Object.values(current.slots).map(({ slot }) => slot)
  const free = freeSlots(slots, freed)
  for (const { key } of asked) slots[key] ??= { slot: free.shift() as number, ready }
  return slots
}

/** A field that nobody asked an index for keeps its slot, unless an index was asked for and no longer is. */
function keepsOwnSlot(field: Field, before: Field | undefined, slots: Slots): boolean {
  if (field.indexed === true || !Object.hasOwn(slots, field.key)) return false
  return before?.indexed !== true && isIndexable(field)
}

/** The numbers from 1 to `count` that are not taken. */
function without(count: number, taken: readonly number[]): number[] {
  return Array.from({ length: count }, (_, at) => at + 1).filter((slot) => !taken.includes(slot))
}

export type Slots = EntityDefinition['slots']

/** Key and slot of what is not ready: writers fill it, nobody reads it. */
export function pendingSlots(slots: Slots): [key: string, slot: number][] {
  return Object.entries(slots).flatMap(([key, { slot, ready }]) => (ready ? [] : [[key, slot]]))
}

/** Whether a slot has to be filled that was not being filled for the same field before. */
export function asksForFill(before: Slots, after: Slots): boolean {
  return pendingSlots(after).some(([key, slot]) => before[key]?.slot !== slot)
}

export function allReady(slots: Slots): Slots {
  return Object.fromEntries(Object.entries(slots).map(([key, { slot }]) => [key, { slot, ready: true }]))
}

/**
 * Slots nobody has, in the order in which they are given out.
 *
 * @param freed slots that were just given back: a statement under way may still read them, so they come last
 */
export function freeSlots(slots: Slots, freed: readonly number[] = []): number[] {
  const taken = Object.values(slots).map(({ slot }) => slot)
  const free = Array.from({ length: MAX_INDEXED }, (_, at) => at + 1).filter((slot) => !taken.includes(slot))
  return [...free.filter((slot) => !freed.includes(slot)), ...free.filter((slot) => freed.includes(slot))]
}

/** Whether the field has one value that can be compared and ordered. */
export function isIndexable(field: Field): boolean {
  const type = typeOf(field.type)
  return type.sortKey !== undefined && type.element?.(field) === undefined
}
