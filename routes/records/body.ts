// Record bodies: validated by Fastify with the entity's JSON Schema, then turned into stored data. Every violation of
// every row is told at once.
import type { FastifyRequest } from 'fastify'
import { MOST_LISTED, type Violation } from '../../lib/errors/problem.ts'
import { errors } from '../../lib/errors.ts'
import { mapInTurns } from '../../lib/process/turns.ts'
import type { Converted, StoredPatch } from '../../lib/records/stored-data.ts'
import type { JsonSchema } from '../../lib/schema/entity.ts'
import type { ValidationFunction } from '../../lib/schema/validator-compiler.ts'

export interface BodyRules {
  schema: JsonSchema
  /** What becomes of a body, given what its schema refuses. */
  convert: (body: unknown, refused: readonly Violation[]) => Converted
}

/** Fastify keeps the compiled validator for as long as the schema object lives. */
function readRow(request: FastifyRequest, { schema, convert }: BodyRules, body: unknown): Converted {
  const known = request.getValidationFunction(schema as never)
  const validate = (known ??
    request.compileValidationSchema(schema as never)) as unknown as ValidationFunction
  return convert(body, validate(body) ? [] : (validate.errors ?? []))
}

/** Stored data of a body that is one record, and what is wrong with it. */
export function convertBody(request: FastifyRequest, rules: BodyRules): Converted {
  return readRow(request, rules, request.body)
}

/** Stored data of a body that is one record; errors.invalidBody. */
export function readBody(request: FastifyRequest, rules: BodyRules, body = request.body): StoredPatch {
  const { data, violations } = readRow(request, rules, body)
  if (violations.length > 0) throw errors.invalidBody(violations)
  return data
}

/** Every row of a body that is a list, with what stands against it. */
export function readRows(
  request: FastifyRequest,
  rules: BodyRules,
  bodies: readonly unknown[],
): Promise<Converted[]> {
  return mapInTurns(bodies, (body) => readRow(request, rules, body))
}

/** Stored data of a body that is a list of records; errors.invalidBody names the row of each violation. */
export async function readBodies(
  request: FastifyRequest,
  rules: BodyRules,
  bodies: readonly unknown[],
): Promise<StoredPatch[]> {
  const violations: Violation[] = []
  const rows = await mapInTurns(bodies, (body, row) => {
    // The rest would not be told anyway.
    if (violations.length > MOST_LISTED) return {}
    const read = readRow(request, rules, body)
    for (const violation of read.violations) violations.push({ ...violation, row })
    return read.data
  })
  if (violations.length > 0) throw errors.invalidBody(violations)
  return rows
}
