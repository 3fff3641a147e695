// Bodies before they are validated: what `columns` leaves of them, and the id that an upsert may name.
import { errors } from '../errors.ts'
import { type Entity, SYSTEM_FIELDS, type UniqueConstraint } from '../schema/entity.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

function isRecord(body: unknown): body is Record<string, unknown> {
  return typeof body === 'object' && body !== null && !Array.isArray(body)
}

/** The bodies with the named members only; errors.unknownField for a name that is no field. */
export function pickColumns(
  entity: Entity,
  bodies: unknown[],
  columns: readonly string[] | undefined,
): unknown[] {
  if (columns === undefined) return bodies
  const names: string[] = [...entity.fields.map(({ name }) => name), ...SYSTEM_FIELDS]
  const unknown = columns.find((name) => !names.includes(name))
  if (unknown !== undefined) throw errors.unknownField(unknown, names)
  const kept = new Set(columns)
  return bodies.map((body) =>
    isRecord(body) ? Object.fromEntries(Object.entries(body).filter(([name]) => kept.has(name))) : body,
  )
}

/** Takes the id out of each body; errors.invalidBody for one that is no id. */
export function splitIds(bodies: readonly unknown[]): { ids: (string | undefined)[]; rest: unknown[] } {
  const ids = bodies.map((body) => (isRecord(body) && Object.hasOwn(body, 'id') ? body.id : undefined))
  const wrong = ids.flatMap((id, row) =>
    id === undefined || (typeof id === 'string' && UUID.test(id))
      ? []
      : [{ pointer: '/id', keyword: 'format', message: 'must be a UUID', row }],
  )
  if (wrong.length > 0) throw errors.invalidBody(wrong)
  const rest = bodies.map((body) => {
    if (!isRecord(body)) return body
    const { id: _, ...members } = body
    return members
  })
  return { ids: ids.map((id) => (id as string | undefined)?.toLowerCase()), rest }
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
