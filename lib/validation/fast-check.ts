// A fast check that interprets a record's JSON Schema without compiling it. Compiling a validator costs as much as
// serving several requests, and most bodies are valid; so one is compiled only for a value that this check cannot
// accept, because it is invalid or because its schema has a keyword that is not implemented here.
import type { JsonSchema } from '../fields/field.ts'
import { formats } from '../fields/index.ts'

type Keyword = (argument: never, value: unknown, schema: JsonSchema) => boolean

const tests = new Map(formats.map(({ name, test }) => [name, test]))

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: isText,
  number: Number.isFinite,
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  array: Array.isArray,
  object: isObject,
}

/** As in JSON Schema, a keyword accepts values of the types that it does not apply to. */
const KEYWORDS: Readonly<Record<string, Keyword>> = {
  type: (type: string | string[], value) =>
    typeof type === 'string'
      ? TYPES[type]?.(value) === true
      : type.some((one) => TYPES[one]?.(value) === true),
  enum: (values: unknown[], value) => values.includes(value),
  format: (name: string, value) => !isText(value) || tests.get(name)?.(value) === true,
  minLength: (least: number, value) =>
    !isText(value) || value.length >= 2 * least || characters(value) >= least,
  maxLength: (most: number, value) => !isText(value) || value.length <= most || characters(value) <= most,
  minimum: (least: number, value) => typeof value !== 'number' || value >= least,
  maximum: (most: number, value) => typeof value !== 'number' || value <= most,
  minItems: (least: number, value) => !Array.isArray(value) || value.length >= least,
  maxItems: (most: number, value) => !Array.isArray(value) || value.length <= most,
  uniqueItems: (_: unknown, value) =>
    !Array.isArray(value) || (value.every(isText) && new Set(value).size === value.length),
  items: (schema: JsonSchema, value) =>
    !Array.isArray(value) || value.every((item) => isCertainlyValid(schema, item)),
  required: (names: string[], value) => !isObject(value) || names.every((name) => Object.hasOwn(value, name)),
  properties: (schemas: Record<string, JsonSchema>, value) =>
    !isObject(value) ||
    Object.entries(value).every(
      ([name, member]) =>
        !Object.hasOwn(schemas, name) || isCertainlyValid(schemas[name] as JsonSchema, member),
    ),
  additionalProperties: (allowed: unknown, value, { properties }) =>
    !isObject(value) ||
    (allowed === false && Object.keys(value).every((name) => Object.hasOwn(properties as object, name))),
  title: yes,
  description: yes,
  default: yes,
  examples: yes,
}

function yes(): boolean {
  return true
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The length of a string as JSON Schema counts it: in code points. */
function characters(text: string): number {
  return Array.from(text).length
}

/** True when the value satisfies the schema; false when it does not, or when this check cannot decide. */
export function isCertainlyValid(schema: JsonSchema, value: unknown): boolean {
  for (const name in schema) {
    const keyword = Object.hasOwn(KEYWORDS, name) ? KEYWORDS[name] : undefined
    if (keyword === undefined || !keyword(schema[name] as never, value, schema)) return false
  }
  return true
}
