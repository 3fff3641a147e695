// The common parts of the types `relation` and `file`: the UUID of something stored elsewhere, or a list of UUIDs.
import type { Field, JsonSchema } from './field.ts'
import type { FieldType, LinkTarget } from './field-type.ts'
import { COMPARABLE, LIST } from './operators.ts'
import { oneUuid } from './uuid.ts'

export interface ReferenceField extends Field {
  many?: boolean
}

/** Most references that one field of one record may hold. */
export const MAX_REFERENCES = 1000

type Shared =
  | 'operators'
  | 'normalize'
  | 'sortKey'
  | 'keyInSql'
  | 'keyIsWhole'
  | 'exactKey'
  | 'parse'
  | 'element'

/** Keys, filters and stored form of a reference. */
export const reference: Pick<Required<FieldType<ReferenceField>>, Shared> = {
  operators: ({ many }) => (many ? LIST : COMPARABLE),
  normalize: (value) => (Array.isArray(value) ? value.map(oneUuid.normalize) : oneUuid.normalize(value)),
  keyInSql: 'text',
  sortKey: (value, { many }) => (many ? null : (value as string)),
  keyIsWhole: () => true,
  exactKey: (value, { many }) => (many ? null : (value as string)),
  parse: oneUuid.parse,
  element: (field) => (field.many ? { ...field, many: false } : undefined),
}

/** One id, or with `many` a list of different ids. */
export function referenceSchema(many: boolean | undefined, one: string): JsonSchema {
  const id = oneUuid.jsonSchema()
  if (!many) return { ...id, description: one }
  return { type: 'array', items: { ...id, description: one }, uniqueItems: true, maxItems: MAX_REFERENCES }
}

/** The link rows of a stored value. */
export function linksOf(value: unknown, field: ReferenceField, entity: string | null): LinkTarget[] {
  const ids = (Array.isArray(value) ? value : [value]) as string[]
  return ids.length === 0 ? [] : [{ entity, ids: [...new Set(ids)], field }]
}
