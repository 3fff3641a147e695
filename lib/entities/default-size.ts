// How large the defaults of an entity make a record that gives nothing.
import type { Entity } from './entity.ts'

/** Memo: an entity's fields never change. */
const sizes = new WeakMap<Entity['fields'], number>()

/** Characters of the defaults of all fields, as JSON. */
export function sizeOfDefaults({ fields }: Pick<Entity, 'fields'>): number {
  const known = sizes.get(fields)
  if (known !== undefined) return known
  const size = fields.reduce((sum, field) => sum + (JSON.stringify(field.default)?.length ?? 0), 0)
  sizes.set(fields, size)
  return size
}
