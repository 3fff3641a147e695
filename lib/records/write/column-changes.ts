// From stored data to what the write statements take: all columns of a new record, or those that a change touches.
import { type Derived, derive, type StoredData } from '../../entities/derived-columns.ts'
import { type Entity, FILES, type UniqueConstraint } from '../../entities/entity.ts'
import { typeOf } from '../../fields/index.ts'
import { type StoredPatch, withoutNulls } from '../stored-data.ts'
import type { CurrentRecord } from './lock-store.ts'
import type { RecordChange } from './update-sql.ts'
import type { LinkRow, NewRecord, StoredColumns } from './written-row.ts'

/** Entity id of each relation's target by name; a file's is FILES. */
export type TargetIds = ReadonlyMap<string, number>

function linkRows(links: Derived['links'], targets: TargetIds): LinkRow[] {
  return links.flatMap(({ field, entity, ids }) => {
    const toEntity = entity === null ? FILES : targets.get(entity)
    if (toEntity === undefined) throw new Error(`no target entity ${entity}`)
    return ids.map((toId) => ({ field, toEntity, toId }))
  })
}

/** Every column of a record with this data. */
export function columnsOf(entity: Entity, data: StoredData, targets: TargetIds): StoredColumns {
  const { keys, slots, links } = derive(entity, data)
  return { data, keys, slots, links: linkRows(links, targets) }
}

/** Whether a change of these fields can be derived only together with the record's other values. */
export function needsCurrent({ constraints }: Entity, touched: readonly string[]): boolean {
  const partly = ({ keys }: UniqueConstraint) =>
    keys.some((key) => touched.includes(key)) && !keys.every((key) => touched.includes(key))
  return constraints.some(partly)
}

/** Those of the fields that may hold links, and the earlier forms of their values that do. */
export function linkFields({ fields }: Entity, keys: readonly string[]): string[] {
  const touched = fields.filter(({ key }) => keys.includes(key))
  const linked = touched.filter((field) => typeOf(field.type).targets?.(field).length)
  const former = touched.flatMap(({ from = [] }) => from.flatMap(({ key, linked }) => (linked ? [key] : [])))
  return [...linked.map((field) => field.key), ...former]
}

/** The keys under which earlier forms of the fields' values stay, until the fields are written. */
function formerKeys({ fields }: Entity, keys: readonly string[]): string[] {
  return fields.flatMap(({ key, from }) =>
    from !== undefined && keys.includes(key) ? from.map((one) => one.key) : [],
  )
}

/** A record that was read, with some fields set and unset: all its columns, whatever else its data holds included. */
export function mergedRecord(
  entity: Entity,
  current: CurrentRecord,
  patch: StoredPatch,
  targets: TargetIds,
): NewRecord {
  const data = withoutNulls({ ...current.data, ...patch })
  const former = formerKeys(entity, Object.keys(patch))
  for (const key of former) delete data[key]
  const { keys, slots, links } = derive(entity, data)
  return { id: current.id, data, keys, slots, links: linkRows(links, targets) }
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
 * @param patch field key -> new value, null to unset
 */
export function changeOf(
  entity: Entity,
  current: StoredData,
  patch: StoredData,
  targets: TargetIds,
): RecordChange {
  const touched = Object.keys(patch).sort()
  const isSet = ([, value]: [string, unknown]) => value !== null
  const data = Object.fromEntries(Object.entries(patch).filter(isSet))
  const derived = derive(entity, { ...current, ...patch })
  return {
    touched,
    former: formerKeys(entity, touched),
    touchedLinks: linkFields(entity, touched),
    data,
    keys: Object.fromEntries(Object.entries(derived.keys).filter(([key]) => touched.includes(key))),
    slots: touchedSlots(entity, derived.slots, touched),
    links: linkRows(
      derived.links.filter(({ field }) => touched.includes(field)),
      targets,
    ),
  }
}
