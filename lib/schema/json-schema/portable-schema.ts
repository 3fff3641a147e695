// Makes a schema that validates here portable to any JSON Schema validator: formats of Univera's own become patterns, and
// patterns beyond what all regular expression engines read become words.
import type { JsonSchema } from '../../fields/field.ts'
import { mapSchema } from './map-schema.ts'

const PATTERNS = new Map([
  ['decimal', '^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$'],
  ['iso-time', '^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,9})?)?$'],
])

/** A class of Unicode characters such as `\p{L}`: JavaScript reads it with the flag `u` alone, Python not at all. */
const UNICODE_CLASS = /(?<!\\)(?:\\\\)*\\[pP]/

/** The schema as it is published; it is not changed itself. */
export function portableSchema(schema: JsonSchema): JsonSchema {
  return mapSchema(schema, portableNode)
}

/**
 * The schema as it is published in OpenAPI: portable, and with defaults in words alone, since generators of clients make a
 * property with a `default` a required one.
 */
export function openApiSchema(schema: JsonSchema): JsonSchema {
  return mapSchema(schema, (node) => describeDefault(portableNode(node)))
}

/** The node with the words added to its description. */
export function withWords(schema: JsonSchema, words: string): JsonSchema {
  const { description } = schema
  if (typeof description !== 'string' || description === '') return { ...schema, description: words }
  return { ...schema, description: `${description.replace(/\.$/, '')} — ${words}` }
}

const portableNode = (node: JsonSchema) => describePattern(replaceFormat(node))

function replaceFormat(schema: JsonSchema): JsonSchema {
  const pattern = PATTERNS.get(String(schema.format))
  if (pattern === undefined) return schema
  const { format: _, ...rest } = schema
  return { ...rest, pattern }
}

function describePattern(schema: JsonSchema): JsonSchema {
  const { pattern, ...rest } = schema
  if (typeof pattern !== 'string' || isPortable(pattern)) return schema
  const { 'x-rule': rule } = schema
  return withWords(rest, typeof rule === 'string' ? rule : `Matches ${pattern} (RE2)`)
}

function describeDefault(schema: JsonSchema): JsonSchema {
  if (!Object.hasOwn(schema, 'default')) return schema
  const { default: value, ...rest } = schema
  return withWords(rest, `Default: \`${JSON.stringify(value)}\``)
}

/** Validators read patterns as JavaScript does with the flag `u`, or as their own language does. */
function isPortable(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source !== '' && !UNICODE_CLASS.test(pattern)
  } catch {
    return false
  }
}
