// Maps every node of a JSON Schema: the schema itself, then those of its properties, elements and alternatives.
import type { JsonSchema } from '../../fields/field.ts'

const LISTS = ['oneOf', 'anyOf', 'allOf', 'prefixItems'] as const

const SINGLES = ['items', 'additionalProperties', 'not'] as const

/** A mapped copy; the schema itself is not changed. */
export function mapSchema(schema: JsonSchema, map: (node: JsonSchema) => JsonSchema): JsonSchema {
  const mapped: Record<string, unknown> = { ...map(schema) }
  const { properties } = mapped
  if (isSchema(properties)) mapped.properties = mapValues(properties, map)
  for (const keyword of SINGLES) {
    const inner = mapped[keyword]
    if (isSchema(inner)) mapped[keyword] = mapSchema(inner, map)
  }
  for (const keyword of LISTS) {
    const inner = mapped[keyword]
    if (Array.isArray(inner))
      mapped[keyword] = inner.map((one) => (isSchema(one) ? mapSchema(one, map) : one))
  }
  return mapped
}

function mapValues(schemas: JsonSchema, map: (node: JsonSchema) => JsonSchema): JsonSchema {
  const entries = Object.entries(schemas)
  return Object.fromEntries(entries.map(([name, one]) => [name, isSchema(one) ? mapSchema(one, map) : one]))
}

/** Whether a value is an object, as every schema but `true` and `false` is. */
export const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
