// Shapes bodies before they are validated: picks and fills the fields of `columns`, and takes out the id that an upsert may
// name. Resolves `on_conflict` to a unique constraint.
import { type Entity, shownSystemFields, type UniqueConstraint } from '../entities/entity.ts'
import type { Violation } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import type { Field } from '../fields/field.ts'
import { isUuid } from '../fields/uuid.ts'
import type { Preferences } from '../query/prefer.ts'

function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
}

/** errors.unknownField for a name in `columns` that is no field. */
export function checkColumns(entity: Entity, columns: readonly string[]): void {
  const names: string[] = [...entity.fields.map(({ name }) => name), ...shownSystemFields(entity)]
  const unknown = columns.find((name) => !names.includes(name))
  if (unknown !== undefined) throw errors.unknownField(unknown, names)
}

/**
 * The body with the named members only.
 *
 * @param sources what the body calls members that have another name there
 */
export function pickColumns(
  body: unknown,
  columns: ReadonlySet<string>,
  sources?: ReadonlyMap<string, string>,
): unknown {
  if (!isRecord(body)) return body
  const picked = Object.entries(body).filter(([name]) => columns.has(name) && sources?.has(name) !== true)
  if (sources === undefined) return Object.fromEntries(picked)
  const renamed = [...sources].filter(([, source]) => Object.hasOwn(body, source))
  return Object.fromEntries([...picked, ...renamed.map(([name, source]) => [name, body[source]] as const)])
}

/** The body with null for each named field that it lacks; where `missing` says so with the field's default. */
export function fillColumns(
  { fields }: Entity,
  body: unknown,
  columns: ReadonlySet<string>,
  missing: Preferences['missing'],
): unknown {
  if (!isRecord(body)) return body
  const lacking = fields.filter(({ name }) => columns.has(name) && !Object.hasOwn(body, name))
  const value = (field: Field) => (missing === 'default' ? field.default : undefined) ?? null
  return { ...body, ...Object.fromEntries(lacking.map((field) => [field.name, value(field)])) }
}

/** Takes the id out of a body. */
export function splitId(body: unknown): { id: string | undefined; rest: unknown; violations: Violation[] } {
  if (!isRecord(body) || !Object.hasOwn(body, 'id')) return { id: undefined, rest: body, violations: [] }
  const { id, ...rest } = body
  if (typeof id === 'string' && isUuid(id)) return { id: id.toLowerCase(), rest, violations: [] }
  return {
    id: undefined,
    rest,
    violations: [{ pointer: '/id', keyword: 'format', message: 'must be a UUID' }],
  }
}

/**
 * Takes out of a body what names the record that it changes: its id, or the fields of a unique constraint.
 *
 * @param takesNull whether null is one of the values that name a record
 */
export function splitIdentity(
  body: unknown,
  names: readonly string[],
  takesNull = false,
): { identity: Record<string, unknown>; rest: unknown; violations: Violation[] } {
  if (!isRecord(body)) return { identity: {}, rest: body, violations: [] }
  const has = (name: string) => Object.hasOwn(body, name) && (takesNull || body[name] !== null)
  const message = 'is required: it names the record to change'
  const violations = names
    .filter((name) => !has(name))
    .map((name) => ({ pointer: `/${name}`, keyword: 'required', message }))
  const identity = Object.fromEntries(names.filter(has).map((name) => [name, body[name]]))
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name)))
  return { identity, rest, violations }
}

/** The fields that the rows of a body give, all together, besides those that name their records. */
export function countGiven(bodies: readonly unknown[], identity: readonly string[]): number {
  const given = (body: unknown) => (isRecord(body) ? Object.keys(body).length : 0)
  return bodies.reduce<number>((sum, body) => sum + Math.max(0, given(body) - identity.length), 0)
}

/**
 * The unique constraint whose values find the records to merge with; null: the id.
 * errors.malformedQuery when `on_conflict` names no constraint.
 */
export function conflictTarget(
  entity: Entity,
  names: readonly string[] | undefined,
): UniqueConstraint | null {
  if (names === undefined || names.join() === 'id') return null
  const known = new Map(entity.fields.map(({ name, key }) => [name, key]))
  const unknown = names.find((name) => !known.has(name))
  if (unknown !== undefined) throw errors.unknownField(unknown, [...known.keys()])
  const keys = names.map((name) => known.get(name) ?? name).sort()
  const found = entity.constraints.find((constraint) => [...constraint.keys].sort().join() === keys.join())
  if (found !== undefined) return found
  const hint = 'on_conflict takes the fields of one unique constraint, or id.'
  throw errors.malformedQuery(`There is no unique constraint on ${names.join(', ')}.`, hint)
}
