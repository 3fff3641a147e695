// What JSON Schema has no keyword for, as the annotation `x-univera` of each property: the field's type, the entity of a
// relation, the limits of a file, the group and the hints for user interfaces.
import type { Field, JsonSchema } from '../../fields/field.ts'
import { isSchema } from './map-schema.ts'

export const ANNOTATION = 'x-univera'

const ANNOTATED = ['type', 'entity', 'many', 'on_delete', 'mime_types', 'max_size', 'unique', 'group', 'ui']

/** The schema of an object with these fields, each of its properties annotated; it is not changed itself. */
export function annotated(schema: JsonSchema, fields: readonly Field[]): JsonSchema {
  const { properties } = schema
  if (!isSchema(properties)) return schema
  const byName = new Map(fields.map((field) => [field.name, field]))
  const entries = Object.entries(properties).map(([name, one]) => {
    const field = byName.get(name)
    return [name, field !== undefined && isSchema(one) ? annotatedValue(one, field) : one]
  })
  return { ...schema, properties: Object.fromEntries(entries) }
}

function annotatedValue(schema: JsonSchema, field: Field): JsonSchema {
  const { fields, items } = field as { fields?: Field[]; items?: Field }
  const inner = fields === undefined ? schema : annotated(schema, fields)
  const elements = items !== undefined && isSchema(schema.items) && annotatedValue(schema.items, items)
  return { ...inner, ...(elements ? { items: elements } : {}), [ANNOTATION]: annotationOf(field) }
}

function annotationOf(field: Field): JsonSchema {
  const given = ANNOTATED.filter((name) => field[name] !== undefined)
  return Object.fromEntries(given.map((name) => [name, field[name]]))
}
