// The one place that decides: caller x entity x stored permission -> which rows and which fields, for each verb.
// What cannot be decided (a filter on a field that is gone, a value that does not fit) is refused, never opened.
import { createHash } from 'node:crypto'
import { type Entity, PERSON_FIELDS, type SystemField } from '../entities/entity.ts'
import { Problem } from '../errors/problem.ts'
import type { Field } from '../fields/field.ts'
import type { FilterNode } from '../query/ast.ts'
import type { Condition } from '../query/plan/condition.ts'
import type { Permission, Permissions, StoredFilter, StoredRule, Verb } from './permission.ts'
import { namesIn, parseRule, planRule, type User } from './rule.ts'

/** Some rows: those that meet the condition; `uses` names what it depends on, fields by key. */
export interface SomeRows {
  condition: Condition
  uses: ReadonlySet<string>
}

/** All rows, none, or some. */
export type RowRule = boolean | SomeRows

export interface Policy {
  read: RowRule
  /** What a new record must be. */
  create: RowRule
  /** What a record must be for the caller to change it, and what it must be afterwards. */
  updateUsing: RowRule
  updateCheck: RowRule
  delete: RowRule
  readable(field: Field): boolean
  writable(field: Field): boolean
  /** The system fields that may not be read. */
  hidden: readonly SystemField[]
  /** The entity as if it had no other fields than those that may be read, or written. */
  visible: Entity
  settable: Entity
  /** Tells policies apart by what they show: a part of every entity tag. */
  view: string
}

/** What a permission shows of whatever entity, and of one. */
type Sight = Pick<Policy, 'readable' | 'writable' | 'hidden' | 'view'>

type Shape = Sight & Pick<Policy, 'visible' | 'settable'>

interface Sighted {
  sight: Sight
  /** Of those entities of which it does not show everything. */
  shapes: WeakMap<Entity, Shape>
}

/** Memo: stored filters, parsed. */
const parsed = new WeakMap<StoredFilter, FilterNode>()

/** Memo: what each stored permission shows. */
const sights = new WeakMap<Permission, Sighted>()

/** @param permissions those of the user's role */
export function decide(user: User, entity: Entity, permissions: Permissions): Policy {
  const permission = permissions.stored.get(entity.id) ?? permissions.fallback
  const shape = shapeOf(permission, entity)
  const rows = (rule: StoredRule) => (typeof rule === 'boolean' ? rule : someRows(rule, entity, user))
  const read = rows(permission.read)
  // A request has one verb: the rules of the others are decided when they are looked at.
  let using: RowRule | undefined
  let check: RowRule | undefined
  let remove: RowRule | undefined
  return {
    ...shape,
    readable: (field) => read !== false && shape.readable(field),
    hidden: read === false ? PERSON_FIELDS : shape.hidden,
    visible: read === false ? unread(entity) : shape.visible,
    read,
    get create() {
      return lacksRequired(entity, shape) ? false : rows(permission.create)
    },
    get updateUsing() {
      using ??= both(read, this.updateCheck)
      return using
    },
    get updateCheck() {
      check ??= rows(permission.update)
      return check
    },
    get delete() {
      remove ??= both(read, rows(permission.delete))
      return remove
    },
  }
}

/** The rows that a verb is about. */
export function rowsOf(policy: Policy, verb: Verb): RowRule {
  return verb === 'update' ? policy.updateUsing : policy[verb]
}

/** Whether a field that every new record needs could not be given. */
export function lacksRequired({ fields }: Entity, { writable }: Pick<Policy, 'writable'>): boolean {
  return fields.some((field) => field.required && field.default === undefined && !writable(field))
}

/** The condition that rows must meet; undefined: none. */
export function conditionOf(rows: RowRule): Condition | undefined {
  if (typeof rows === 'object') return rows.condition
  return rows ? undefined : { kind: 'any', of: [] }
}

/** Whether a record that was among the rows still is after a change of these fields. */
export function stillMatches(rows: RowRule, touched: readonly string[]): boolean {
  if (typeof rows === 'boolean') return rows
  return ![...touched, 'updated_at', 'updated_by'].some((key) => rows.uses.has(key))
}

function both(one: RowRule, other: RowRule): RowRule {
  if (one === false || other === false) return false
  if (one === true) return other
  if (other === true) return one
  const condition: Condition = { kind: 'all', of: [one.condition, other.condition] }
  return { condition, uses: new Set([...one.uses, ...other.uses]) }
}

function someRows(rule: StoredFilter, entity: Entity, user: User): RowRule {
  const keys = new Map(entity.fields.map(({ name, key }) => [name, key]))
  if (Object.entries(rule.fields).some(([name, key]) => keys.get(name) !== key)) return false
  let node = parsed.get(rule)
  if (node === undefined) {
    node = parseRule(rule.filter)
    parsed.set(rule, node)
  }
  const uses = new Set(namesIn(node).map((name) => keys.get(name) ?? name))
  try {
    return { condition: planRule(node, entity, user), uses }
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}

/** What does not depend on the user. */
function shapeOf(permission: Permission, entity: Entity): Shape {
  const { sight, shapes } = sights.get(permission) ?? sightOf(permission)
  const { read, write } = permission.fields
  if (read === null && write === null) return { ...sight, visible: entity, settable: entity }
  const { readable, writable } = sight
  const shape = shapes.get(entity) ?? {
    ...sight,
    visible: restricted(entity, readable, sight.hidden),
    settable: restricted(entity, writable, []),
  }
  shapes.set(entity, shape)
  return shape
}

function sightOf(permission: Permission): Sighted {
  const readable = among(permission.fields.read)
  const writable = among(permission.fields.write)
  const hidden = hiddenBy(permission.fields.read)
  const view = createHash('sha1')
    .update(JSON.stringify([permission, hidden]))
    .digest('base64url')
  const made = { sight: { readable, writable, hidden, view }, shapes: new WeakMap() }
  sights.set(permission, made)
  return made
}

function among(keys: readonly string[] | null): (field: Field) => boolean {
  if (keys === null) return () => true
  const allowed = new Set(keys)
  return ({ key }) => allowed.has(key)
}

/** Persons are hidden unless all fields are shown, or they are named. */
function hiddenBy(names: readonly string[] | null): readonly SystemField[] {
  return names === null ? [] : PERSON_FIELDS.filter((name) => !names.includes(name))
}

function unread(entity: Entity): Entity {
  return { ...entity, fields: [], constraints: [], hidden: PERSON_FIELDS }
}

function restricted(
  entity: Entity,
  allowed: (field: Field) => boolean,
  hidden: readonly SystemField[],
): Entity {
  const fields = entity.fields.filter(allowed)
  if (fields.length === entity.fields.length && hidden.length === 0) return entity
  const keys = new Set(fields.map(({ key }) => key))
  const constraints = entity.constraints.filter((one) => one.keys.every((key) => keys.has(key)))
  return { ...entity, fields, constraints, hidden }
}
