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

/** The body with the named members only. */
export function pickColumns(body: unknown, columns: ReadonlySet<string>): unknown {
  if (!isRecord(body)) return body
  return Object.fromEntries(Object.entries(body).filter(([name]) => columns.has(name)))
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
