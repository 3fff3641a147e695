// Stable field keys: what a field is called in `record.data`, for ever. A field that keeps its name keeps its key; a name
// that was used before gets a key of its own, so a new field never inherits a dropped one's data.
import type { EntityDefinition } from '../../entities/entity.ts'
import type { Field } from '../../fields/field.ts'

const NUMBERED = /^(.*)~([0-9]+)$/

/** The parsed fields with their keys, and the keys that must not be given out again. */
export function assignKeys(
  current: Pick<EntityDefinition, 'fields' | 'retiredKeys'>,
  fields: readonly Field[],
): Pick<EntityDefinition, 'fields' | 'retiredKeys'> {
  const known = new Map(current.fields.map((field) => [field.name, field.key]))
  const used = new Set([...current.fields.map(({ key }) => key), ...current.retiredKeys])
  const keyed = fields.map((field) => ({
    ...field,
    key: known.get(field.name) ?? freshKey(field.name, used),
  }))
  const kept = new Set(keyed.map(({ key }) => key))
  const dropped = current.fields.map(({ key }) => key).filter((key) => !kept.has(key))
  return { fields: keyed, retiredKeys: compact([...current.retiredKeys, ...dropped]) }
}

function freshKey(name: string, used: ReadonlySet<string>): string {
  const numbers = [...used].flatMap((key) => (baseOf(key) === name ? [numberOf(key)] : []))
  const next = Math.max(0, ...numbers) + 1
  return next === 1 ? name : `${name}~${next}`
}

/** Only the last key of each name has to be remembered: those before it follow from its number. */
function compact(keys: readonly string[]): string[] {
  const last = new Map<string, string>()
  for (const key of keys) {
    const before = last.get(baseOf(key))
    if (before === undefined || numberOf(before) < numberOf(key)) last.set(baseOf(key), key)
  }
  return [...last.values()]
}

function baseOf(key: string): string {
  return NUMBERED.exec(key)?.[1] ?? key
}

function numberOf(key: string): number {
  return Number(NUMBERED.exec(key)?.[2] ?? 1)
}
