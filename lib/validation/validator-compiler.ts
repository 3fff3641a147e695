// The validators that Fastify asks for: from a JSON Schema to a function that says yes or no and, after a no, why.
import type { Violation } from '../errors/problem.ts'
import type { JsonSchema } from '../fields/field.ts'
import { createValidator, type Validator } from './ajv.ts'
import { isCertainlyValid } from './fast-check.ts'

/** A validation function as Fastify calls it; after a false, `errors` holds the violations. */
export interface ValidationFunction {
  (value: unknown): boolean
  errors?: Violation[]
}

export interface CompilerInput {
  schema: unknown
  /** Which part of a route's requests it is for; none when the schema was chosen at run time. */
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

/** Compiles only when a value asks for it: for most there is a quick yes. */
function compileLate(schema: JsonSchema): ValidationFunction {
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
 * A compiler for one server. The schemas of its routes stay as long as it does and share two validators, one of which
 * reads the numbers and booleans of parameters from their text; a schema chosen at run time gets one of its own, which
 * goes when the schema goes. In bodies nothing is coerced or dropped.
 */
export function createCompiler(): (input: CompilerInput) => ValidationFunction {
  const bodies = createValidator()
  const parameters = createValidator({ coerceTypes: true })
  return ({ schema, httpPart }) => {
    if (PARAMETERS.has(httpPart)) return compile(parameters, schema, 'parameter')
    return httpPart == null ? compileLate(schema as JsonSchema) : compile(bodies, schema, 'field')
  }
}
