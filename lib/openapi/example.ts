// Example values for the docs: the example that a JSON Schema has, else the plainest value that fits it.
import type { JsonSchema } from '../fields/field.ts'

/** Values for required properties without an example: the id of another record, an instant. */
const SOME: Readonly<Record<string, string>> = {
  uuid: '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a',
  'date-time': '2024-02-29T09:30:00Z',
}

function madeUp({ format, type }: JsonSchema): string | null | undefined {
  return SOME[String(format)] ?? (Array.isArray(type) && type.includes('null') ? null : undefined)
}

/** The schema of a set value, when null is allowed beside it. */
function typeName({ type }: JsonSchema): unknown {
  return Array.isArray(type) ? type.find((name) => name !== 'null') : type
}

function number({ minimum, maximum }: JsonSchema, plain: number): number {
  const low = typeof minimum === 'number' ? minimum : plain
  const high = typeof maximum === 'number' ? maximum : plain
  return Math.min(Math.max(plain, low), Math.max(low, high))
}

function text({ pattern, format, minLength = 0, maxLength = 6 }: JsonSchema): string | undefined {
  if (pattern !== undefined || format !== undefined) return undefined
  return 'string'.slice(0, Number(maxLength)).padEnd(Math.min(Number(minLength), 100), '.')
}

function list({ items, minItems = 1 }: JsonSchema): unknown[] | undefined {
  const item = items === undefined ? undefined : exampleOf(items as JsonSchema)
  if (item === undefined) return Number(minItems) > 1 ? undefined : []
  return Number(minItems) > 1 ? undefined : [item]
}

const byType: Readonly<Record<string, (schema: JsonSchema) => unknown>> = {
  integer: (schema) => number(schema, 1),
  number: (schema) => number(schema, 1.5),
  boolean: () => true,
  string: text,
  array: list,
  object: (schema) => exampleObject(schema),
}

/** A value that the schema accepts; undefined where none can be promised. */
export function exampleOf(schema: JsonSchema): unknown {
  const { examples, enum: values } = schema
  if (Array.isArray(examples) && examples.length > 0) return examples[0]
  if (Array.isArray(values)) return values[0]
  const name = typeName(schema)
  if (typeof name !== 'string') return {}
  return byType[name]?.(schema)
}

/** An object with an example of every property that has one; required ones get a made-up value, or null where it is allowed. */
export function exampleObject({ properties = {}, required = [] }: JsonSchema): Record<string, unknown> {
  const needed = new Set(required as string[])
  const members = Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => {
    return [name, exampleOf(schema) ?? (needed.has(name) ? madeUp(schema) : undefined)]
  })
  return Object.fromEntries(members.filter(([, value]) => value !== undefined))
}
