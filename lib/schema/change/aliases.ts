// Former names of fields: which are in force after a change. Pure.
import type { EntityDefinition, FieldAlias } from '../../entities/entity.ts'
import { errors } from '../../errors.ts'
import type { Field } from '../../fields/field.ts'
import { violation } from '../../fields/violation.ts'

/** Days for which a former name goes on working, where a change says nothing else. */
export const DEFAULT_GRACE_DAYS = 30

/** Most former names of the fields of an entity: whole records hold each of them. */
const MAX_ALIASES = 500

const DAY = 86_400_000

/** From when to when the former names that a change makes are in force; undefined: it makes none. */
export type Grace = Pick<FieldAlias, 'since' | 'until'> | undefined

/** @param days how long; 0: not at all */
export function graceOf(now: number, days: number): Grace {
  if (days === 0) return undefined
  return { since: new Date(now).toISOString(), until: new Date(now + days * DAY).toISOString() }
}

/**
 * The former names in force: those of fields that are still there, and those that the change makes. errors.nameIsAlias when
 * a field takes the former name of another, errors.invalidDefinition when there would be too many.
 */
export function aliasesAfter(
  current: Pick<EntityDefinition, 'fields' | 'aliases'>,
  fields: readonly Field[],
  grace: Grace,
): FieldAlias[] | undefined {
  const byName = new Map(fields.map((field) => [field.name, field]))
  const byKey = new Map(fields.map((field) => [field.key, field]))
  const before = new Map(current.fields.map((field) => [field.key, field]))
  for (const alias of current.aliases ?? []) {
    const taker = byName.get(alias.name)
    const isNew = before.get(taker?.key ?? '')?.name !== alias.name
    if (taker !== undefined && taker.key !== alias.key && isNew)
      throw errors.nameIsAlias(alias.name, alias.until)
  }
  const renamed = current.fields.filter(({ key, name }) => byKey.has(key) && byKey.get(key)?.name !== name)
  const made =
    grace === undefined ? [] : renamed.map(({ name, key }): FieldAlias => ({ name, key, ...grace }))
  const all = [...made, ...(current.aliases ?? [])]
  const inForce = all.filter(({ name, key }, at) => {
    const isFirst = all.findIndex((one) => one.name === name) === at
    return isFirst && byKey.has(key) && !byName.has(name)
  })
  if (inForce.length > MAX_ALIASES) throw errors.invalidDefinition([tooMany(inForce.length)])
  return inForce.length === 0 ? undefined : inForce
}

function tooMany(count: number) {
  const message = `would have ${count} former names in force; at most ${MAX_ALIASES} are possible: end some, or rename with "grace": "0"`
  return violation('limit', message, '/fields')
}
