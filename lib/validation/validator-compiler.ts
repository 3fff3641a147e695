// Fastify's validator compiler: from a JSON Schema to a function that returns true for a valid value, and otherwise false
// with the violations in its `errors`.
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

function compile(validator: Validator, schema: unknown, noun: string): ValidationFunction {
  const check = validator.compile(schema as JsonSchema, noun)
  const validate: ValidationFunction = (value) => {
    validate.errors = check(value)
    return validate.errors.length === 0
  }
  return validate
}

/** Compiles on the first value that the fast check does not accept. */
function compileLazily(schema: JsonSchema): ValidationFunction {
  let compiled: ValidationFunction | undefined
  const validate: ValidationFunction = (value) => {
    if (isCertainlyValid(schema, value)) return true
    compiled ??= compile(createValidator(), schema, 'field')
    const isValid = compiled(value)
    validate.errors = compiled.errors ?? []
    return isValid
  }
  return validate
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
