// The validators that Fastify asks for: from a JSON Schema to a function that says yes or no and, after a no, why.
import type { Violation } from '../errors/problem.ts'
import { createValidator, type Validator } from './ajv.ts'
import type { JsonSchema } from './entity.ts'

/** A validation function as Fastify calls it; after a false, `errors` holds the violations. */
export interface ValidationFunction {
  (value: unknown): boolean
  errors?: Violation[]
}

function compile(validator: Validator, schema: unknown, noun: string): ValidationFunction {
  const check = validator.compile(schema as JsonSchema, noun)
  const validate: ValidationFunction = (value) => {
    validate.errors = check(value)
    return validate.errors.length === 0
  }
  return validate
}

/** For a body: nothing is coerced or dropped. */
export function compileBody(schema: unknown): ValidationFunction {
  return compile(createValidator(), schema, 'field')
}

/** For parameters of a URL or headers: numbers and booleans are read from their text. */
export function compileParameters(schema: unknown): ValidationFunction {
  return compile(createValidator({ coerceTypes: true }), schema, 'parameter')
}
