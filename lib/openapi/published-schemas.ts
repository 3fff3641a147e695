// Rewrites the schemas of a static operation as those of the entities are published.
import type { JsonSchema } from '../fields/field.ts'
import { isSchema } from '../schema/json-schema/map-schema.ts'
import { openApiSchema } from '../schema/json-schema/portable-schema.ts'

/** A copy of a part of the document in which every `schema` is portable; examples are left as they are. */
export function publishedSchemas<T>(part: T): T {
  if (Array.isArray(part)) return part.map(publishedSchemas) as T
  if (!isSchema(part)) return part
  const entries = Object.entries(part).map(([key, value]) => [key, published(key, value)])
  return Object.fromEntries(entries) as T
}

function published(key: string, value: unknown): unknown {
  if (key === 'example' || key === 'examples') return value
  return key === 'schema' && isSchema(value) ? openApiSchema(value as JsonSchema) : publishedSchemas(value)
}
