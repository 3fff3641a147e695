// A schema that validates here -> the same for others, in what every JSON Schema validator knows: formats that are ours
// alone become patterns, and a pattern that is only RE2's is told in words.
import type { JsonSchema } from '../../fields/field.ts'

const PATTERNS = new Map([
  ['decimal', '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$'],
  ['iso-time', '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?$'],
])

/** The schema as it is published; it is not changed itself. */
export function portableSchema(schema: JsonSchema): JsonSchema {
  const told = tellPattern(tellFormat(schema))
  const { properties, items, oneOf } = told
  return {
    ...told,
    ...(isSchema(properties) ? { properties: mapValues(properties) } : {}),
    ...(isSchema(items) ? { items: portableSchema(items) } : {}),
    ...(Array.isArray(oneOf) ? { oneOf: oneOf.map(portableSchema) } : {}),
  }
}

function mapValues(schemas: JsonSchema): JsonSchema {
  const entries = Object.entries(schemas)
  return Object.fromEntries(entries.map(([name, one]) => [name, isSchema(one) ? portableSchema(one) : one]))
}

function tellFormat(schema: JsonSchema): JsonSchema {
  const pattern = PATTERNS.get(String(schema.format))
  if (pattern === undefined) return schema
  const { format: _, ...rest } = schema
  return { ...rest, pattern }
}

function tellPattern(schema: JsonSchema): JsonSchema {
  const { pattern, ...rest } = schema
  if (typeof pattern !== 'string' || isJavaScript(pattern)) return schema
  return { ...rest, description: [rest.description, `Matches ${pattern} (RE2)`].filter(Boolean).join(' — ') }
}

/** Validators read patterns as JavaScript does with the flag `u`. */
function isJavaScript(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source !== ''
  } catch {
    return false
  }
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
