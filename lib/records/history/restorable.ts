// A former state of a record as it is to be written again: what the definition in force says against it, and what is left of its
// references. Pure.
import type { Entity } from '../../entities/entity.ts'
import type { Violation } from '../../errors/problem.ts'
import type { Field } from '../../fields/field.ts'
import { typeOf } from '../../fields/index.ts'
import { misfitOf } from '../../schema/conversion/field-fit.ts'
import type { StoredPatch } from '../stored-data.ts'

type Data = Readonly<Record<string, unknown>>

/** What does not fit the definition in force. @param readable whether a refusal may name the field */
export function violationsOf(
  fields: readonly Field[],
  data: Data,
  readable: (field: Field) => boolean,
): Violation[] {
  return fields.flatMap((field) => {
    const value = data[field.key]
    const found = value == null ? lacking(field) : misfitOf(value, field)
    return found === undefined ? [] : [{ ...found, pointer: readable(field) ? `/${field.name}` : '' }]
  })
}

const lacking = ({ required }: Field) =>
  required === true ? { keyword: 'required', message: 'is required' } : undefined

export interface Pruned {
  data: StoredPatch
  /** The fields that have lost references. */
  lost: Field[]
}

/** The data without references that lead nowhere; an unset field is null. @param exists by target: `entity name id`, or of a file */
export function withoutDangling(
  { fields }: Pick<Entity, 'fields'>,
  data: Data,
  exists: (entity: string | null, id: string) => boolean,
): Pruned {
  const pruned: StoredPatch = { ...data }
  const lost = fields.filter((field) => {
    const value = data[field.key]
    if (value == null) return false
    const links = typeOf(field.type).links?.(value, field) ?? []
    const gone = links.flatMap(({ entity, ids }) => ids.filter((id) => !exists(entity, id)))
    if (gone.length === 0) return false
    pruned[field.key] = withoutIds(value, new Set(gone))
    return true
  })
  return { data: pruned, lost }
}

/** The value without the ids, at any depth: a list loses them, everything else is null where one was. */
function withoutIds(value: unknown, gone: ReadonlySet<string>): unknown {
  if (typeof value === 'string') return gone.has(value) ? null : value
  if (Array.isArray(value)) {
    const kept = value.filter((one) => !(typeof one === 'string' && gone.has(one)))
    return kept.map((one) => withoutIds(one, gone))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutIds(one, gone)]))
}
