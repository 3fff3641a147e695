// Derives the JSON Schema of a property from a field: the type's own, with title, description, default and null.
import type { Field, JsonSchema } from './field.ts'
import type { FieldType } from './field-type.ts'

/** JSON Schema of a set value of the field, with the words that the docs show. */
export function describeField(field: Field, type: FieldType): JsonSchema {
  const schema = type.jsonSchema(field)
  const description = [field.description, schema.description].filter(Boolean).join(' — ')
  const example = field.default ?? exampleOf(field, type)
  return {
    ...schema,
    ...(field.label === undefined ? {} : { title: field.label }),
    ...(description === '' ? {} : { description }),
    ...(field.default === undefined ? {} : { default: field.default }),
    ...(example === undefined ? {} : { examples: [example] }),
  }
}

/** The same schema, satisfied by null too. */
export function nullable(schema: JsonSchema): JsonSchema {
  const { type, enum: values } = schema
  return {
    ...schema,
    ...(typeof type === 'string' ? { type: [type, 'null'] } : {}),
    ...(Array.isArray(values) ? { enum: [...values, null] } : {}),
  }
}

function exampleOf(field: Field, type: FieldType): unknown {
  const example = type.example?.(field)
  return example !== undefined && (type.verify?.(example, field) ?? []).length === 0 ? example : undefined
}
