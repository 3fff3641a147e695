// The option `trim`: white space around a text is taken away before the text is validated, at any depth of a value.
import type { Field } from './field.ts'
import { typeOf } from './index.ts'

/** The fields inside a field, with whether they describe the elements of its list or members of its object. */
function nestedIn(field: Field): ['field' | 'fields', Field[]][] {
  return Object.entries(typeOf(field.type).nested ?? {}).map(([option, kind]) => [
    kind,
    [field[option] as Field | Field[]].flat(),
  ])
}

/** True when values of the field, or parts of them, are to be trimmed. */
export function trims(field: Field): boolean {
  return field.trim === true || nestedIn(field).some(([, fields]) => fields.some(trims))
}

/** The value with its texts trimmed; what has another shape than the field asks for is left as it is. */
export function trimmed(field: Field, value: unknown): unknown {
  if (field.trim === true && typeof value === 'string') return value.trim()
  if (typeof value !== 'object' || value === null) return value
  return nestedIn(field).reduce<unknown>((one, [kind, fields]) => {
    if (kind === 'fields') return trimMembers(fields, one)
    return Array.isArray(one) ? one.map((item) => trimmed(fields[0] as Field, item)) : one
  }, value)
}

/** Memo: of each list of fields those whose values are trimmed. */
const trimming = new WeakMap<readonly Field[], readonly Field[]>()

function trimmingOf(fields: readonly Field[]): readonly Field[] {
  const known = trimming.get(fields) ?? fields.filter(trims)
  trimming.set(fields, known)
  return known
}

/** A body, or an object in it, with the texts of these fields trimmed. */
export function trimMembers(fields: readonly Field[], body: unknown): unknown {
  const concerned = trimmingOf(fields)
  if (concerned.length === 0 || typeof body !== 'object' || body === null || Array.isArray(body)) return body
  const members = body as Record<string, unknown>
  const given = concerned.filter(({ name }) => Object.hasOwn(members, name))
  if (given.length === 0) return body
  return {
    ...members,
    ...Object.fromEntries(given.map((field) => [field.name, trimmed(field, members[field.name])])),
  }
}
