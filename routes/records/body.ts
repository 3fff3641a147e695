// From bodies to stored data: shaped by `columns`, validated by Fastify with the entity's JSON Schema, converted. Every
// violation of a body is found at once.
import { mapYielding } from '../../lib/concurrency/yielding-map.ts'
import { hasAliases } from '../../lib/entities/read-shape.ts'
import { MOST_LISTED, type Violation } from '../../lib/errors/problem.ts'
import type { JsonSchema } from '../../lib/fields/field.ts'
import { trimMembers } from '../../lib/fields/trim.ts'
import type { ParsedRow, RowReader } from '../../lib/records/create/row.ts'
import { type SystemValues, splitSystemValues } from '../../lib/records/create/system-values.ts'
import { checkColumns, fillColumns, pickColumns, splitId, splitIdentity } from '../../lib/records/input.ts'
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
  const validate = validatorOf(request, request.server.registry.schemas(entity, policy)[how])
  return (body) => {
    const refused = validate(body) ? [] : withReadOnly(visible, validate.errors ?? [])
    if (how === 'create') return newRecord(entity, settable, body, refused)
    return how === 'patch' ? patchFromBody(settable, body, refused) : recordFromBody(settable, body, refused)
  }
}

/** Fastify keeps the compiled validator for as long as the schema object lives. */
function validatorOf(request: RecordRequest, schema: JsonSchema): ValidationFunction {
  const compiled =
    request.getValidationFunction(schema as never) ?? request.compileValidationSchema(schema as never)
  return compiled as unknown as ValidationFunction
}

/**
 * The members that `columns` leaves of a body, with texts trimmed that are to be, and its values for fields that the body
 * lacks: null, or by `missing` the default. `identity` names members that are kept whether or not `columns` lists them.
 */
function columnShape(
  { actor, query, preferences }: ParsedRequest,
  { settle, identity = [] }: { settle?: Settle | undefined; identity?: readonly string[] } = {},
) {
  const presentNames = hasAliases(actor.entity) ? bodyNames(actor, settle) : (body: unknown) => body
  const trim = (body: unknown) => trimMembers(actor.entity.fields, body)
  if (query.columns === undefined)
    return { pick: (body: unknown) => trim(presentNames(body)), fill: (body: unknown) => body }
  checkColumns(actor.policy.visible, query.columns)
  const picked = new Set([...query.columns, ...identity])
  const columns = new Set(query.columns.filter((name) => !identity.includes(name)))
  return {
    pick: (body: unknown) => trim(pickColumns(presentNames(body), picked, query.columnSources)),
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
  const { pick, fill } = columnShape(write, { settle })
  return convert(fill(pick(request.body)))
}

/** Takes the system fields that a row may have out of its body; undefined: it may have none. */
function systemFieldsReader({ merge, keepsSystemFields }: CreateRequest) {
  if (keepsSystemFields) return splitSystemValues
  if (merge?.target !== null) return undefined
  return (body: unknown): SystemValues => ({ ...splitId(body), times: undefined })
}

/** Reads the rows of a POST. */
export function rowReader(request: RecordRequest, create: CreateRequest): RowReader {
  const { actor, merge } = create
  const convert = converter(request, create, 'create')
  const { pick, fill } = columnShape(create)
  const split = systemFieldsReader(create)
  return (body) => {
    const picked = pick(body)
    const { id, times, rest, violations } = split?.(picked) ?? { rest: picked, violations: [] }
    const whole = convert(fill(rest))
    // Of the values that were refused nothing is made.
    const given = merge === undefined ? {} : patchFromBody(actor.policy.settable, rest, whole.violations).data
    // A record that exists has what the row lacks.
    const lacking = merge === undefined ? undefined : whole.violations.filter(isLacking)
    const refused = merge === undefined ? whole.violations : whole.violations.filter((one) => !isLacking(one))
    return {
      candidate: { whole: whole.data, given, id, times, lacking },
      violations: [...violations, ...refused],
    }
  }
}

/** Whether a required field of the record itself is missing, not one of an object in it. */
const isLacking = ({ keyword, pointer }: Violation) =>
  keyword === 'required' && pointer.lastIndexOf('/') === 0

/** Reads the rows of a PATCH: what names the record, and the fields to change. */
export function changeReader(
  request: RecordRequest,
  change: CreateRequest,
  names: readonly string[],
): RowReader {
  const { merge } = change
  const convert = converter(request, change, 'patch')
  const { pick, fill } = columnShape(change, { identity: names })
  const convertIdentity = identityConverter(request, change, names)
  const takesNull = merge?.target?.nulls === 'equal'
  return (body) => {
    const { identity, rest, violations } = splitIdentity(pick(body), names, takesNull)
    const { id, violations: badId } = splitId(merge?.target === null ? identity : {})
    const found = merge?.target === null ? { data: {}, violations: badId } : convertIdentity(identity)
    const { data, violations: refused } = convert(fill(rest))
    const candidate = { whole: { ...found.data, ...data }, given: data, id }
    return { candidate, violations: [...violations, ...found.violations, ...refused] }
  }
}

/** Converts the values that name records, whether or not the actor may write their fields. */
function identityConverter(request: RecordRequest, { actor }: CreateRequest, names: readonly string[]) {
  const { entity, policy } = actor
  const whole = { ...entity, fields: entity.fields.filter(({ name }) => names.includes(name)) }
  const every = { visible: entity, settable: entity, view: policy.view }
  const validate = validatorOf(request, request.server.registry.schemas(entity, every).patch)
  return (identity: unknown): Converted =>
    patchFromBody(whole, identity, validate(identity) ? [] : (validate.errors ?? []))
}

/** The rows of a list, up to where they have more violations than are listed. */
export async function readList(
  read: RowReader,
  bodies: readonly unknown[],
  resume: () => void,
): Promise<ParsedRow[]> {
  let found = 0
  const readNext = (body: unknown) => {
    if (found > MOST_LISTED) return []
    const row = read(body)
    found += row.violations.length
    return row
  }
  return (await mapYielding(bodies, readNext, resume)).flat()
}
