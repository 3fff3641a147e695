// What else is written when fields of a record are: their values under the keys that a change in preparation gives them, and
// nothing any more under the keys of earlier forms. Pure, and the one way by which every writer does it.
import type { Entity, PendingField } from '../../entities/entity.ts'
import { hasOwnKey, misfitKeyOf } from '../../entities/pending.ts'
import { prepareValue } from './prepare-value.ts'

/** Field key -> value, null: unset. */
type Patch = Readonly<Record<string, unknown>>

export interface WrittenPatch {
  patch: Record<string, unknown>
  /** What is known of values that do not fit; absent where nothing is being prepared. */
  misfits?: { settled: string[]; found: { key: string; reason: string }[] }
}

/** Whether a write of these fields is a write of others too. */
export function writesMore({ fields, pending }: Entity): boolean {
  return pending !== undefined || fields.some(({ from }) => from !== undefined)
}

/**
 * The patch with all that goes with it.
 *
 * @param isWhole whether it is all that the record has
 */
export function withPending(entity: Entity, patch: Patch, isWhole = false): WrittenPatch {
  if (!writesMore(entity)) return { patch }
  const written: Record<string, unknown> = { ...patch }
  const settled = new Set<string>()
  const found: { key: string; reason: string }[] = []
  for (const { key, from = [] } of entity.fields) {
    if (!Object.hasOwn(patch, key)) continue
    for (const former of from) {
      if (!isWhole) written[former.key] = null
      if (former.listed) settled.add(key)
    }
  }
  for (const field of entity.pending?.fields ?? []) {
    if (!isWhole && !isTouched(field, patch)) continue
    const { value, misfit } = prepareValue(field, patch[field.from?.key ?? field.to.key])
    settled.add(field.to.key)
    if (hasOwnKey(field)) written[field.to.key] = value
    if (misfit !== undefined) found.push({ key: field.to.key, reason: misfit })
  }
  for (const constraint of entity.pending?.constraints ?? [])
    if (constraint.keys.some((key) => Object.hasOwn(written, key))) settled.add(misfitKeyOf(constraint))
  return settled.size === 0 ? { patch: written } : { patch: written, misfits: { settled: [...settled], found } }
}

function isTouched({ from, to }: PendingField, patch: Patch): boolean {
  return Object.hasOwn(patch, from?.key ?? to.key)
}

/** The keys that a write of these fields writes. */
export function writtenKeys(entity: Entity, keys: readonly string[]): string[] {
  if (!writesMore(entity)) return [...keys]
  const touched = new Set(keys)
  const former = entity.fields.filter(({ key }) => touched.has(key)).flatMap(({ from = [] }) => from)
  const pending = (entity.pending?.fields ?? []).filter(({ from, to }) => touched.has(from?.key ?? to.key))
  return [...new Set([...keys, ...former.map(({ key }) => key), ...pending.map(({ to }) => to.key)])]
}
