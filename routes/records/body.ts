// Record bodies: validated by Fastify with the entity's JSON Schema, then turned into stored data. Every violation is
// told at once.
import type { FastifyRequest } from 'fastify'
import type { Violation } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import type { JsonSchema } from '../../lib/fields/field.ts'
import type { Converted, StoredPatch } from '../../lib/records/stored-data.ts'
import type { ValidationFunction } from '../../lib/validation/validator-compiler.ts'

export interface BodyRules {
  schema: JsonSchema
  /** What becomes of a body, given what its schema refuses. */
  convert: (body: unknown, refused: readonly Violation[]) => Converted
}

/**
 * Stored data of a body that is one record, and what is wrong with it.
 *
 * @param body what is made of the request's own, or one of the rows in it
 */
export function convertBody(
  request: FastifyRequest,
  { schema, convert }: BodyRules,
  body: unknown,
): Converted {
  // Fastify keeps the compiled validator for as long as the schema object lives.
  const known = request.getValidationFunction(schema as never)
  const validate = (known ??
    request.compileValidationSchema(schema as never)) as unknown as ValidationFunction
  return convert(body, validate(body) ? [] : (validate.errors ?? []))
}

/** Stored data of a body that is one record; errors.invalidBody. */
export function readBody(request: FastifyRequest, rules: BodyRules, body: unknown): StoredPatch {
  const { data, violations } = convertBody(request, rules, body)
  if (violations.length > 0) throw errors.invalidBody(violations)
  return data
}
