// What an admin sees of an entity's indexes: which field has which slot, since when it may be used, and why it is there.
import type { Entity } from '../entities/entity.ts'

/** How far a fill has come: the last record that is filled, and the first and the last there are. */
export interface FillPlace {
  at: string
  first: string
  last: string
}

export interface IndexReport {
  field: string
  slot: number
  state: 'ready' | 'filling'
  /** 0 to 1. */
  progress: number
  reason: 'requested' | 'automatic'
  why: string
}

const WHY = {
  requested: 'The definition asks for it: "indexed": true.',
  automatic:
    'Records were often filtered or sorted by this field, and there are many; "indexed": true keeps the index for good.',
} as const

/** The indexes of an entity, in the order of its fields. */
export function reportIndexes({ fields, slots }: Entity, place: FillPlace | undefined): IndexReport[] {
  return fields.flatMap((field) => {
    const slot = Object.hasOwn(slots, field.key) ? slots[field.key] : undefined
    if (slot === undefined || slot.leaving) return []
    const reason = field.indexed === true ? 'requested' : 'automatic'
    const state = slot.ready ? 'ready' : 'filling'
    const progress = slot.ready ? 1 : progressOf(place)
    return [{ field: field.name, slot: slot.slot, state, progress, reason, why: WHY[reason] }]
  })
}

/** Ids are handed out in the order of time, so a place among them tells how much lies behind; never 1 before the end. */
function progressOf(place: FillPlace | undefined): number {
  if (place === undefined) return 0
  const [at, first, last] = [place.at, place.first, place.last].map(toNumber) as [bigint, bigint, bigint]
  if (at < first || last <= first) return 0
  return Math.min(Number(((at - first) * 100n) / (last - first)) / 100, 0.99)
}

const toNumber = (id: string) => BigInt(`0x${id.replaceAll('-', '')}`)
