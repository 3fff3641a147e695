// The body of a rename: new names of fields and of the entity, all at once, and how long the former ones go on working.
// Pure: from the definition in force to the one that is to be. errors.invalidDefinition names what is wrong.
import type { Entity } from '../../entities/entity.ts'
import { retarget } from '../../entities/retarget.ts'
import type { Violation } from '../../errors/problem.ts'
import { errors } from '../../errors.ts'
import { listed } from '../../fields/expectation.ts'
import { violation } from '../../fields/violation.ts'
import { checkEntityName, checkFieldName } from '../definition/names.ts'
import type { ParsedDefinition } from '../definition/parse-definition.ts'
import { uniqueOf } from '../definition/present-definition.ts'
import { DEFAULT_GRACE_DAYS } from './aliases.ts'

/** The body, validated by its JSON Schema. */
export interface RenameBody {
  /** Old name -> new name. */
  fields?: Record<string, string>
  entity?: string
  /** `30d`, `12h`, `0`. */
  grace?: string
}

const GRACE = /^(\d{1,6})(m|h|d|w|mo|y)?$/

const DAYS: Readonly<Record<string, number>> = { m: 1 / 1440, h: 1 / 24, d: 1, w: 7, mo: 30, y: 365 }

const LONGEST_DAYS = 365

/** The days of grace that a text means: `30d`, `0`. errors.invalidDefinition. */
export function graceDays(text: string | undefined): number {
  if (text === undefined) return DEFAULT_GRACE_DAYS
  const [, count, unit] = GRACE.exec(text) ?? []
  const days = Number(count) * (DAYS[unit ?? ''] ?? (Number(count) === 0 ? 0 : Number.NaN))
  if (days >= 0 && days <= LONGEST_DAYS) return days
  const message = 'must be a time such as 30d, 12h or 0 (none), at most 1y'
  throw errors.invalidDefinition([violation('format', message, '/grace')])
}

/** The definition with other names; errors.invalidDefinition, errors.entityExists is the store's. */
export function renamedDefinition(
  current: Entity,
  { fields: renames = {}, entity: name = current.name }: RenameBody,
  segments: ReadonlySet<string>,
): ParsedDefinition {
  const to = new Map(Object.entries(renames))
  const fields = current.fields.map((field) => ({
    ...retarget(field, current.name, name),
    name: to.get(field.name) ?? field.name,
  }))
  const found = [
    ...checkFields(current, to),
    ...checkClashes(fields, to),
    ...checkName(current, name, segments),
  ]
  if (found.length > 0) throw errors.invalidDefinition(found)
  return {
    name,
    label: current.label,
    description: current.description,
    fields,
    unique: uniqueOf({ ...current, fields }),
    was: new Map(),
    keys: new Map(fields.map((field) => [field.name, field.key])),
    backfill: new Set(),
    history: current.history,
    feed: current.feed,
  }
}

function checkFields({ name, fields }: Entity, renames: ReadonlyMap<string, string>): Violation[] {
  const known = fields.map((field) => field.name)
  return [...renames].flatMap(([from, to]) => {
    const message = `is not a field of ${name}; fields: ${listed(known)}`
    const unknown = known.includes(from) ? [] : [violation('unknown', message, `/fields/${from}`)]
    const bad = checkFieldName(to, false).map((one) => ({ ...one, pointer: `/fields/${from}` }))
    return [...unknown, ...bad]
  })
}

function checkClashes(
  fields: readonly { name: string }[],
  renames: ReadonlyMap<string, string>,
): Violation[] {
  return [...renames].flatMap(([from, to]) =>
    fields.filter(({ name }) => name === to).length > 1
      ? [violation('duplicate', `cannot become ${to}: that is another field`, `/fields/${from}`)]
      : [],
  )
}

function checkName(current: Entity, name: string, segments: ReadonlySet<string>): Violation[] {
  if (name === current.name) return []
  return checkEntityName(name, segments).map((one) => ({ ...one, pointer: '/entity' }))
}
