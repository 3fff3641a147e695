// What a change of a definition does to the permissions of roles: rules that would admit nobody any more, and creations that
// would not be possible. Pure.
import type { Entity } from '../entities/entity.ts'
import { Problem } from '../errors/problem.ts'
import { listed } from '../fields/expectation.ts'
import { type Permission, type StoredFilter, VERBS, type Verb } from './permission.ts'
import { withFieldKeys, withFieldNames } from './rename-rule.ts'
import { NOBODY } from './roles.ts'
import { parseRule, planRule } from './rule.ts'

export interface AccessEffect {
  role: string
  verb: Verb
  effect: string
}

interface Change {
  current: Entity
  next: Entity
  /** New keys of fields by the old ones. */
  keys: ReadonlyMap<string, string>
}

/** The effects of a change, in the order of the roles. */
export function effectsOf(permissions: ReadonlyMap<string, Permission>, change: Change): AccessEffect[] {
  return [...permissions].flatMap(([role, permission]) => {
    const followed = withFieldNames(withFieldKeys(permission, change.keys), change.next.fields)
    return [...ruleEffects(role, [permission, followed], change), ...creationEffect(role, followed, change)]
  })
}

function ruleEffects(role: string, [before, after]: [Permission, Permission], { current, next }: Change) {
  return VERBS.flatMap((verb): AccessEffect[] => {
    const [was, is] = [before[verb], after[verb]]
    if (typeof was === 'boolean' || typeof is === 'boolean') return []
    const reason = closedBy(is, next, role)
    if (reason === undefined || closedBy(was, current, role) !== undefined) return []
    return [{ role, verb, effect: `nobody: ${reason}` }]
  })
}

/** Why a rule admits nobody; undefined: it may admit some. */
function closedBy(rule: StoredFilter, entity: Entity, role: string): string | undefined {
  const keys = new Map(entity.fields.map(({ name, key }) => [name, key]))
  const gone = Object.entries(rule.fields).filter(([name, key]) => keys.get(name) !== key)
  if (gone.length > 0) return `its rule names ${listed(gone.map(([name]) => name))}, which is dropped`
  try {
    planRule(parseRule(rule.filter), entity, { id: NOBODY, username: '', role })
    return undefined
  } catch (error) {
    if (error instanceof Problem) return `its rule ${rule.filter} does not fit the field any more`
    throw error
  }
}

function creationEffect(
  role: string,
  { create, fields }: Permission,
  { current, next }: Change,
): AccessEffect[] {
  if (create === false || fields.write === null) return []
  const isMissing = (entity: Entity) =>
    entity.fields.filter(
      ({ key, required, default: value }) => required && value === undefined && !fields.write?.includes(key),
    )
  const missing = isMissing(next)
  const before = new Set(isMissing(current).map(({ name }) => name))
  const names = missing.map(({ name }) => name).filter((name) => !before.has(name))
  if (names.length === 0) return []
  return [
    { role, verb: 'create', effect: `nobody: ${listed(names)} must be given, and is not theirs to write` },
  ]
}
