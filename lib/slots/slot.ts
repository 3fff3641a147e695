// What the index slots of a definition are good for: which are still to be filled, which are free, who may have one.
import { typeOf } from '../fields/index.ts'
import { MAX_INDEXED } from '../schema/definition.ts'
import type { EntityDefinition, Field } from '../schema/entity.ts'

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
