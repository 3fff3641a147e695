// A value of a filter on lists and documents in the form in which the field is stored: then the two can be compared. A part
// that is no value of its field is left as it is, and matches nothing.
import type { Field } from './field.ts'
import { typeOf } from './index.ts'

/** The stored form of a value, or of the part of an object that a filter names: a default fills no gap. */
export function storedPart(field: Field, value: unknown, inList = false): unknown {
  const { nested = {}, element, normalize, parse } = typeOf(field.type)
  if (value === null || normalize === undefined) return value
  const items = Array.isArray(value) ? element?.(field) : undefined
  if (items !== undefined) return (value as unknown[]).map((item) => storedPart(items, item, true))
  const [members] = Object.entries(nested).flatMap(([option, kind]) =>
    kind === 'fields' ? [field[option] as Field[]] : [],
  )
  if (members !== undefined) return storedMembers(members, value)
  const parsed = typeof value === 'object' ? undefined : parse?.(String(value), field)
  return typeof parsed === typeof value ? normalize(parsed, field, inList) : value
}

function storedMembers(fields: readonly Field[], value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const fieldOf = new Map(fields.map((field) => [field.name, field]))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const field = fieldOf.get(name)
      return [name, field === undefined ? member : storedPart(field, member)]
    }),
  )
}
