// From a planned change to what the writers of records need of it: the fields that are prepared, and slots that the definition
// in force does not use. Pure.
import { isDeepStrictEqual } from 'node:util'
import type { Entity, PendingChange, PendingField, UniqueConstraint } from '../../entities/entity.ts'
import { hasOwnKey } from '../../entities/pending.ts'
import { canonical, freeSlots, freeUniqueSlots, isIndexable, type Slots } from '../../entities/slots.ts'
import { errors } from '../../errors.ts'
import { violation } from '../../fields/violation.ts'
import type { PlannedChange } from './planned-change.ts'

/** errors.invalidDefinition when no unique slot is left for a constraint. @param id of the change */
export function pendingChange(planned: PlannedChange, id: string): PendingChange {
  const fields = pendingFields(planned)
  const { current, next } = planned
  const constraints = newConstraints(current, next)
  return { id, fields, constraints, slots: newSlots(current, next, fields) }
}

function pendingFields({ current, work }: PlannedChange): PendingField[] {
  const before = new Map(current.fields.map((field) => [field.key, field]))
  const { conversions } = work
  const converted = [...conversions.values()].map(
    ({ options, ...field }): PendingField => ({ ...field, options: { ...options } }),
  )
  const inPlace = work.fields
    .filter(({ key }) => !conversions.has(key))
    .map((to): PendingField => {
      const from = before.get(to.key)
      return {
        to,
        ...(from === undefined ? {} : { from }),
        ...(work.revived.has(to.key) ? { revives: true } : {}),
        ...(work.backfill.has(to.key) ? { backfill: true } : {}),
      }
    })
  return [...converted, ...inPlace]
}

/** Whether both give a record the same text. */
function isSame(one: UniqueConstraint, other: UniqueConstraint): boolean {
  const form = ({ keys, ci, nulls }: UniqueConstraint) => [canonical(keys), ci, nulls]
  return isDeepStrictEqual(form(one), form(other))
}

/** The constraints of the next definition that the one in force has not, in slots that it does not use. */
function newConstraints(current: Entity, next: Entity): UniqueConstraint[] {
  const free = freeUniqueSlots(current.constraints)
  const made = next.constraints.filter((one) => !current.constraints.some((other) => isSame(one, other)))
  if (made.length <= free.length) return made.map((one, at) => ({ ...one, slot: free[at] as number }))
  const message = `cannot change while ${current.constraints.length} unique constraints are in force: drop one first`
  throw errors.invalidDefinition([violation('limit', message, '/unique')])
}

/** Index slots of new keys, as far as there are free ones; the rest is filled when the change is in force. */
function newSlots(current: Entity, next: Entity, fields: readonly PendingField[]): Slots {
  const free = freeSlots(current.slots)
  const wanted = fields.filter((field) => {
    if (!hasOwnKey(field)) return false
    // An index that the server has given by itself stays with the field.
    const hadOne = field.from !== undefined && Object.hasOwn(current.slots, field.from.key)
    return Object.hasOwn(next.slots, field.to.key) || (hadOne && isIndexable(field.to))
  })
  return Object.fromEntries(
    wanted.slice(0, free.length).map(({ to }, at) => [to.key, { slot: free[at] as number, ready: true }]),
  )
}

/** The definition to be put in force, whatever has changed beside the change meanwhile. */
export function definitionInForce(now: Entity, planned: Entity, pending: PendingChange): Entity {
  const constraints = planned.constraints.map(
    (one) =>
      [...pending.constraints, ...now.constraints].find((other) => isSame(one, other)) as UniqueConstraint,
  )
  const { purgedKeys, orderedByTime, formerKeys } = now
  const rest = { purgedKeys, orderedByTime, formerKeys, pending: undefined }
  return {
    ...planned,
    ...rest,
    version: now.version,
    constraints,
    slots: slotsInForce(now, planned, pending),
  }
}

function slotsInForce(now: Entity, planned: Entity, pending: PendingChange): Slots {
  const known: Slots = { ...now.slots, ...pending.slots }
  const kept = planned.fields.filter(({ key }) => Object.hasOwn(known, key))
  const slots: Slots = Object.fromEntries(kept.map(({ key }) => [key, known[key] as Slots[string]]))
  const free = freeSlots(
    slots,
    Object.values(known).map(({ slot }) => slot),
  )
  const wanted = planned.fields.filter(({ key, indexed }) => indexed && !Object.hasOwn(slots, key))
  // Where one is still being given up, the field gets it after that.
  for (const [at, { key }] of wanted.slice(0, free.length).entries())
    slots[key] = { slot: free[at] as number, ready: false }
  return slots
}
