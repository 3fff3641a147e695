// Fastify's validator compiler: from a JSON Schema to a function that returns true for a valid value, and otherwise false
// with the violations in its `errors`.
import { LRUCache } from 'lru-cache'
import type { Violation } from '../errors/problem.ts'
import type { JsonSchema } from '../fields/field.ts'
import { createValidator, type Validator } from './ajv.ts'
import { isCertainlyValid } from './fast-check.ts'

/** A validation function as Fastify calls it; `errors` holds the violations of the last value. */
export interface ValidationFunction {
  (value: unknown): boolean
  errors?: Violation[]
}

export interface CompilerInput {
  schema: unknown
  /** The part of a route's requests that the schema is for; absent when the schema was chosen at run time. */
  httpPart?: string | null
}

const PARAMETERS: ReadonlySet<unknown> = new Set(['querystring', 'params', 'headers'])

/** Compiles with the first value: of all routes a start, and a test, uses a few. */
function compile(validator: Validator, schema: unknown, noun: string): ValidationFunction {
  let check: ReturnType<Validator['compile']> | undefined
  const validate: ValidationFunction = (value) => {
    check ??= validator.compile(schema as JsonSchema, noun)
    validate.errors = check(value)
    return validate.errors.length === 0
  }
  return validate
}

/** Compiled validators that a schema keeps, each for other properties. */
const MOST_KEPT = 8

/** Violations are listed up to a hundred: more properties than that need not be looked at. */
const MOST_DOUBTFUL = 101

/**
 * Compiles only when a value asks for it, and only what is in doubt: most values get a quick yes, and most properties of the
 * others too. Compiling a schema of 500 properties takes some 160 ms, in which no other request is served.
 */
function compileLazily(schema: JsonSchema): ValidationFunction {
  const kept = new LRUCache<string, ValidationFunction>({ max: MOST_KEPT })
  const validate: ValidationFunction = (value) => {
    if (isCertainlyValid(schema, value)) return true
    const doubtful = doubtfulProperties(schema, value)
    const key = doubtful.join()
    const compiled = kept.get(key) ?? compile(createValidator(), reducedTo(doubtful, schema), 'field')
    kept.set(key, compiled)
    const isValid = compiled(value)
    validate.errors = compiled.errors ?? []
    return isValid
  }
  return validate
}

const propertiesOf = ({ properties = {} }: JsonSchema) => properties as Record<string, JsonSchema>

function doubtfulProperties(schema: JsonSchema, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  const members = value as Record<string, unknown>
  return Object.entries(propertiesOf(schema))
    .filter(([name, property]) => Object.hasOwn(members, name) && !isCertainlyValid(property, members[name]))
    .map(([name]) => name)
    .slice(0, MOST_DOUBTFUL)
}

/** The schema with only these properties checked; the others are still known. */
function reducedTo(names: readonly string[], schema: JsonSchema): JsonSchema {
  if (schema.properties === undefined) return schema
  const checked = new Set(names)
  const properties = Object.entries(propertiesOf(schema)).map(
    ([name, property]) => [name, checked.has(name) ? property : true] as const,
  )
  return { ...schema, properties: Object.fromEntries(properties) }
}

/**
 * A compiler for one server. The schemas of its routes live as long as it does and share two validators, one of which
 * coerces the numbers and booleans of parameters. A schema chosen at run time gets a validator of its own, which can be
 * collected together with the schema. In bodies nothing is coerced or removed.
 */
export function createCompiler(): (input: CompilerInput) => ValidationFunction {
  const bodies = createValidator()
  const parameters = createValidator({ coerceTypes: true })
  return ({ schema, httpPart }) => {
    if (PARAMETERS.has(httpPart)) return compile(parameters, schema, 'parameter')
    return httpPart == null ? compileLazily(schema as JsonSchema) : compile(bodies, schema, 'field')
  }
}
