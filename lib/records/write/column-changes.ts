// From stored data to what the write statements take: all columns of a new record, or those that a change touches.
import { type Derived, derive, type StoredData } from '../../entities/derived-columns.ts'
import { type Entity, FILES, type UniqueConstraint } from '../../entities/entity.ts'
import { writtenForm } from '../../entities/pending.ts'
import { typeOf } from '../../fields/index.ts'
import { withPending, writesMore, writtenKeys } from '../../schema/conversion/with-pending.ts'
import { type StoredPatch, withoutNulls } from '../stored-data.ts'
import type { CurrentRecord } from './lock-store.ts'
import type { RecordChange } from './update-sql.ts'
import type { LinkRow, NewRecord, StoredColumns } from './written-row.ts'

/** Entity id of each relation's target by name; a file's is FILES. */
export type TargetIds = ReadonlyMap<string, number>

/** The link rows of derived links. */
export function linkRows(links: Derived['links'], targets: TargetIds): LinkRow[] {
  return links.flatMap(({ field, entity, ids }) => {
    const toEntity = entity === null ? FILES : targets.get(entity)
    if (toEntity === undefined) throw new Error(`no target entity ${entity}`)
    return ids.map((toId) => ({ field, toEntity, toId }))
  })
}

/** Every column of a record with this data. */
export function columnsOf(entity: Entity, given: StoredData, targets: TargetIds): StoredColumns {
  const { patch, misfits } = withPending(entity, given, true)
  const data = misfits === undefined ? given : withoutNulls(patch)
  const { keys, slots, links } = derive(writtenForm(entity), data)
  return { data, keys, slots, links: linkRows(links, targets), ...(misfits && { misfits }) }
}

/** Whether a change of these fields can be derived only together with the record's other values. */
export function needsCurrent(entity: Entity, named: readonly string[]): boolean {
  const touched = writtenKeys(entity, named)
  const { constraints } = writtenForm(entity)
  const partly = ({ keys }: UniqueConstraint) =>
    keys.some((key) => touched.includes(key)) && !keys.every((key) => touched.includes(key))
  return constraints.some(partly)
}

/** Those of the fields that may hold links. */
export function linkFields(entity: Entity, named: readonly string[]): string[] {
  const keys = writtenKeys(entity, named)
  const linked = writtenForm(entity).fields.filter(
    (field) => keys.includes(field.key) && typeOf(field.type).targets?.(field).length,
  )
  const former = writesMore(entity) ? formerLinks(entity, named) : []
  return [...linked.map((field) => field.key), ...former]
}

/** The keys under which earlier forms of the fields have links. */
function formerLinks({ fields }: Entity, keys: readonly string[]): string[] {
  const changed = fields.filter((field) => keys.includes(field.key))
  return changed.flatMap(({ from = [] }) => from.flatMap(({ key, linked }) => (linked ? [key] : [])))
}

/** A record that was read, with some fields set and unset: all its columns, whatever else its data holds included. */
export function mergedRecord(
  entity: Entity,
  current: CurrentRecord,
  patch: StoredPatch,
  targets: TargetIds,
): NewRecord {
  const written = withPending(entity, patch)
  const data = withoutNulls({ ...current.data, ...written.patch })
  const derived = derive(writtenForm(entity), data)
  const { keys, slots } = derived
  const { misfits } = written
  const touched = Object.keys(written.patch)
  const links = linkRows(derived.links, targets)
  return { id: current.id, data, keys, slots, links, touched, ...(misfits && { misfits }) }
}

function touchedSlots(entity: Entity, slots: Derived['slots'], touched: readonly string[]): Derived['slots'] {
  const names = [
    ...touched.flatMap((key) => (Object.hasOwn(entity.slots, key) ? [`k${entity.slots[key]?.slot}`] : [])),
    ...entity.constraints
      .filter(({ keys }) => keys.some((k) => touched.includes(k)))
      .map((c) => `u${c.slot}`),
  ]
  return Object.fromEntries(names.sort().map((name) => [name, slots[name] ?? null]))
}

/**
 * What setting and unsetting some fields of a record changes.
 *
 * @param current the record's data; may be empty unless needsCurrent
 * @param given field key -> new value, null to unset
 */
export function changeOf(
  entity: Entity,
  current: StoredData,
  given: StoredData,
  targets: TargetIds,
): RecordChange {
  const { patch, misfits } = withPending(entity, given)
  const form = writtenForm(entity)
  const touched = Object.keys(patch).sort()
  const isSet = ([, value]: [string, unknown]) => value !== null
  const data = Object.fromEntries(Object.entries(patch).filter(isSet))
  const derived = derive(form, { ...current, ...patch })
  return {
    touched,
    touchedLinks: linkFields(entity, Object.keys(given)),
    data,
    keys: Object.fromEntries(Object.entries(derived.keys).filter(([key]) => touched.includes(key))),
    slots: touchedSlots(form, derived.slots, touched),
    links: linkRows(
      derived.links.filter(({ field }) => touched.includes(field)),
      targets,
    ),
    ...(misfits && { misfits }),
  }
}
