// From bodies to stored data: shaped by `columns`, validated by Fastify with the entity's JSON Schema, converted. Every
// violation of a body is found at once.
import { mapYielding } from '../../lib/concurrency/yielding-map.ts'
import { hasAliases } from '../../lib/entities/read-shape.ts'
import { MOST_LISTED } from '../../lib/errors/problem.ts'
import { trimMembers } from '../../lib/fields/trim.ts'
import type { ParsedRow, RowReader } from '../../lib/records/create/row.ts'
import { checkColumns, fillColumns, pickColumns, splitId } from '../../lib/records/input.ts'
import {
  type Converted,
  newRecord,
  patchFromBody,
  recordFromBody,
  withReadOnly,
} from '../../lib/records/stored-data.ts'
import type { ValidationFunction } from '../../lib/validation/validator-compiler.ts'
import { bodyNames, type Settle } from './former-names.ts'
import type { ParsedRequest, RecordRequest } from './request.ts'
import type { CreateRequest } from './write-request.ts'

/** Converts bodies that are one record each, by the rules of the operation and of the actor's policy. */
function converter(
  request: RecordRequest,
  { actor: { entity, policy } }: ParsedRequest,
  how: 'create' | 'replace' | 'patch',
): (body: unknown) => Converted {
  const { settable, visible } = policy
  const schema = request.server.registry.schemas(entity, policy)[how] as never
  // Fastify keeps the compiled validator for as long as the schema object lives.
  const compiled = request.getValidationFunction(schema) ?? request.compileValidationSchema(schema)
  const validate = compiled as unknown as ValidationFunction
  return (body) => {
    const refused = validate(body) ? [] : withReadOnly(visible, validate.errors ?? [])
    if (how === 'create') return newRecord(entity, settable, body, refused)
    return how === 'patch' ? patchFromBody(settable, body, refused) : recordFromBody(settable, body, refused)
  }
}

/**
 * The members that `columns` leaves of a body, with texts trimmed that are to be, and its values for fields that the body
 * lacks: null, or by `missing` the default.
 */
function columnShape({ actor, query, preferences }: ParsedRequest, settle?: Settle) {
  const present = hasAliases(actor.entity) ? bodyNames(actor, settle) : undefined
  const trim = (body: unknown) =>
    trimMembers(actor.policy.settable.fields, present === undefined ? body : present(body))
  if (query.columns === undefined) return { pick: trim, fill: (body: unknown) => body }
  checkColumns(actor.policy.visible, query.columns)
  const columns = new Set(query.columns)
  return {
    pick: (body: unknown) => pickColumns(trim(body), columns),
    fill: (body: unknown) => fillColumns(actor.policy.settable, body, columns, preferences.missing),
  }
}

/** The body of a change as stored data, with its violations. */
export function readChange(
  request: RecordRequest,
  write: ParsedRequest,
  how: 'replace' | 'patch',
  settle?: Settle,
): Converted {
  const convert = converter(request, write, how)
  const { pick, fill } = columnShape(write, settle)
  return convert(fill(pick(request.body)))
}

/** Reads the rows of a POST. */
export function rowReader(request: RecordRequest, create: CreateRequest): RowReader {
  const { actor, merge } = create
  const convert = converter(request, create, 'create')
  const { pick, fill } = columnShape(create)
  const takesId = merge?.target === null
  return (body) => {
    const picked = pick(body)
    const { id, rest, violations } = takesId
      ? splitId(picked)
      : { id: undefined, rest: picked, violations: [] }
    const whole = convert(fill(rest))
    // Of the values that were refused nothing is made.
    const given = merge === undefined ? {} : patchFromBody(actor.policy.settable, rest, whole.violations).data
    return { candidate: { whole: whole.data, given, id }, violations: [...violations, ...whole.violations] }
  }
}

/** The rows of a list, up to where they have more violations than are listed. */
export async function readList(read: RowReader, bodies: readonly unknown[]): Promise<ParsedRow[]> {
  let found = 0
  const rows = await mapYielding(bodies, (body) => {
    if (found > MOST_LISTED) return []
    const row = read(body)
    found += row.violations.length
    return row
  })
  return rows.flat()
}
