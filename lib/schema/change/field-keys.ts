// Stable field keys: what a field is called in `record.data`, for ever. A field that keeps its name keeps its key; a name
// that was used before gets a key of its own, so a new field never inherits a dropped one's data.
import type { EntityDefinition } from '../../entities/entity.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'

const NUMBERED = /^(.*)~([0-9]+)$/

type Names = Pick<ParsedDefinition, 'fields' | 'was' | 'keys'>

/** The keys of the fields that exist already, by the names that they are to have. */
function knownKeys(
  current: Pick<EntityDefinition, 'fields'>,
  { fields, was, keys }: Names,
): Map<string, string> {
  if (keys !== undefined) return new Map(keys)
  const byName = new Map(current.fields.map((field) => [field.name, field.key]))
  const names = new Set(fields.map(({ name }) => name))
  const renamed = fields.flatMap(({ name }): [string, string][] => {
    if (byName.has(name)) return []
    const before = was.get(name)?.find((one) => byName.has(one) && !names.has(one))
    return before === undefined ? [] : [[name, byName.get(before) as string]]
  })
  return new Map([...byName, ...renamed])
}

/** The parsed fields with their keys, and the keys that must not be given out again. */
export function assignKeys(
  current: Pick<EntityDefinition, 'fields' | 'retiredKeys'>,
  parsed: Names,
): Pick<EntityDefinition, 'fields' | 'retiredKeys'> {
  const { fields } = parsed
  const known = knownKeys(current, parsed)
  const used = new Set([...current.fields.map(({ key }) => key), ...current.retiredKeys])
  const keyed = fields.map((field) => ({
    ...field,
    key: known.get(field.name) ?? freshKey(field.name, used),
  }))
  return { fields: keyed, retiredKeys: retire(current, keyed) }
}

/** The keys that must not be given out again once the fields are these. */
export function retire(
  current: Pick<EntityDefinition, 'fields' | 'retiredKeys'>,
  fields: EntityDefinition['fields'],
): string[] {
  const kept = new Set(fields.map(({ key }) => key))
  const dropped = current.fields.map(({ key }) => key).filter((key) => !kept.has(key))
  const retired = compact([...current.retiredKeys, ...dropped])
  return retired.filter((key) => !kept.has(key))
}

/** The next key for a field of this name. */
export function freshKey(name: string, used: ReadonlySet<string>): string {
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
