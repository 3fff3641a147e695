// Converts between the permission of the API, with names of fields and filters as text, and the stored one, with keys. Reading
// refuses, with every violation, filters that cannot be parsed, fields that do not exist and a right to create records that
// could not be complete.

import { type Entity, PERSON_FIELDS, SYSTEM_FIELDS } from '../entities/entity.ts'
import { Problem, type Violation } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import { UnreadParameter } from '../query/parse/unread.ts'
import { type Permission, type StoredRule, VERBS, type Verb } from './permission.ts'
import { lacksRequired } from './policy.ts'
import { NOBODY } from './roles.ts'
import { namesIn, parseRule, planRule } from './rule.ts'
import { adviseOnRule } from './rule-advice.ts'

type Names = readonly string[] | null | undefined

/** The body of a PUT, validated by its JSON Schema: a verb that is left out is not allowed. */
export type PermissionBody = Partial<Record<Verb, boolean | string>> & {
  role?: string
  fields?: { read?: Names; write?: Names }
}

/** Reads a body into the permission to store; errors.invalidBody. */
export function readPermission(body: PermissionBody, entity: Entity, role: string): Permission {
  const violations: Violation[] = []
  if (body.role !== undefined && body.role !== role)
    violations.push({ pointer: '/role', keyword: 'const', message: `must be ${role}, or be left out` })
  const rules = VERBS.map((verb) => [verb, readRule(body[verb] ?? false, verb, { entity, role, violations })])
  const { read, write = withoutPersons(read) } = body.fields ?? {}
  const fields = {
    read: readFields(read, 'read', entity, violations),
    write: readFields(write, 'write', entity, violations),
  }
  const permission = { ...Object.fromEntries(rules), fields } as Permission
  const writable = ({ key }: { key: string }) => fields.write === null || fields.write.includes(key)
  if (violations.length === 0 && permission.create !== false && lacksRequired(entity, { writable })) {
    const message = 'cannot be granted while a required field without a default cannot be written'
    violations.push({ pointer: '/create', keyword: 'required', message })
  }
  if (violations.length > 0) throw errors.invalidBody(violations)
  return permission
}

interface Reading {
  entity: Entity
  role: string
  violations: Violation[]
}

function readRule(rule: boolean | string, verb: Verb, { entity, role, violations }: Reading): StoredRule {
  if (typeof rule === 'boolean') return rule
  const user = { id: NOBODY, username: 'user', role }
  try {
    const node = parseRule(rule)
    planRule(node, entity, user)
    const system: readonly string[] = SYSTEM_FIELDS
    const keys = new Map(entity.fields.map(({ name, key }) => [name, key]))
    const names = namesIn(node).filter((name) => !system.includes(name))
    return { filter: rule, fields: Object.fromEntries(names.map((name) => [name, keys.get(name) as string])) }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const told = error instanceof UnreadParameter ? adviseOnRule(error, rule, { entity, user }) : error
    const { hint } = told.extras
    const message = `is not a row filter: ${told.message}${hint === undefined ? '' : ` ${hint}`}`
    violations.push({ pointer: `/${verb}`, keyword: 'filter', message })
    return false
  }
}

const isPerson = (name: string) => (PERSON_FIELDS as readonly string[]).includes(name)

/** The server alone writes them. */
const withoutPersons = (names: Names): Names => names?.filter((name) => !isPerson(name))

function readFields(names: Names, list: 'read' | 'write', entity: Entity, violations: Violation[]) {
  if (names == null) return null
  const keys = new Map(entity.fields.map(({ name, key }) => [name, key]))
  if (list === 'read') for (const name of PERSON_FIELDS) keys.set(name, name)
  for (const [at, name] of names.entries()) {
    if (keys.has(name)) continue
    const message = `is not a field of ${entity.name}; fields: ${[...keys.keys()].join(', ')}`
    violations.push({ pointer: `/fields/${list}/${at}`, keyword: 'enum', message })
  }
  return [...new Set(names.flatMap((name) => keys.get(name) ?? []))]
}

/** A permission as the API answers it; PUT accepts it unchanged. */
export type PresentedPermission = Record<Verb, boolean | string> & {
  role: string
  /** Names of the fields; null: all. */
  fields: { read: string[] | null; write: string[] | null }
}

/** Presents a permission of a role, with the names of the entity's fields. */
export function presentPermission(
  role: string,
  permission: Permission,
  { fields }: Entity,
): PresentedPermission {
  const persons = PERSON_FIELDS.map((name) => ({ key: name, name }))
  const names = (keys: readonly string[] | null) =>
    keys && [...fields, ...persons].filter(({ key }) => keys.includes(key)).map(({ name }) => name)
  const { read, write } = permission.fields
  return {
    role,
    read: presentRule(permission.read),
    create: presentRule(permission.create),
    update: presentRule(permission.update),
    delete: presentRule(permission.delete),
    fields: { read: names(read), write: names(write) },
  }
}

function presentRule(rule: StoredRule): boolean | string {
  return typeof rule === 'boolean' ? rule : rule.filter
}
