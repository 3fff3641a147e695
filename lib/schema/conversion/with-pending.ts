// What else is written when fields of a record are: their values under the keys that a change in preparation gives them, and
// nothing any more under the keys of earlier forms. Pure, and the one way by which every writer does it.
import type { Entity, PendingField } from '../../entities/entity.ts'
import { hasOwnKey } from '../../entities/pending.ts'
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
  const changed = entity.fields.filter(({ key, from }) => from !== undefined && Object.hasOwn(patch, key))
  const former = isWhole
    ? []
    : changed.flatMap(({ from = [] }) => from.map(({ key }) => [key, null] as const))
  const touched = (entity.pending?.fields ?? []).filter((field) => isWhole || isTouched(field, patch))
  const prepared = touched.map((field) => prepare(field, patch))
  const values = prepared.flatMap(({ value }) => value)
  // On the way back a former key is written again.
  const written = { ...patch, ...Object.fromEntries([...former, ...values]) }
  const settled = new Set([
    ...changed.filter(({ from }) => from?.some(({ listed }) => listed)).map(({ key }) => key),
    ...touched.map(({ to }) => to.key),
  ])
  if (settled.size === 0) return { patch: written }
  const found = prepared.flatMap(({ misfit }) => misfit)
  return { patch: written, misfits: { settled: [...settled], found } }
}

/** The value of a field under a key of its own, and why it does not fit; none or one of each. */
function prepare(field: PendingField, patch: Patch) {
  const { key } = field.to
  const { value, misfit } = prepareValue(field, patch[field.from?.key ?? key])
  return {
    value: hasOwnKey(field) ? [[key, value] as const] : [],
    misfit: misfit === undefined ? [] : [{ key, reason: misfit }],
  }
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
