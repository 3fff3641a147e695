// Whose access to an entity is explained, and what of it the caller who asks may know.
import type { Entity } from '../../entities/entity.ts'
import { type Permission, type Permissions, type StoredRule, VERBS, type Verb } from '../permission.ts'
import { decide, type Policy } from '../policy.ts'
import type { User } from '../rule.ts'
import { type RuleTree, ruleTree } from './rule-tree.ts'

/** Somebody, or anybody of a role. */
export interface Subject {
  /** `user:alice`, `key:deploy`, `role:clerk`. */
  as: string
  user: User
  permissions: Permissions
  /** Whether it is the account of a user who cannot sign in. */
  isDisabled: boolean
}

/** A verb's rule as stored, and for this subject. */
export interface TracedRule {
  stored: StoredRule
  /** Undefined: no filter, or one that stopped working. */
  tree: RuleTree | undefined
  /** Why it stopped working. */
  stopped: string | undefined
}

/** A subject before an entity. */
export interface Trace {
  subject: Subject
  entity: Entity
  policy: Policy
  permission: Permission
  /** Whether the tenant has set the permission, rather than that it is the role's default one. */
  isStored: boolean
  rules: Readonly<Record<Verb, TracedRule>>
  /** Whether the one who asks administers the tenant. */
  asksAdmin: boolean
  /** Whether the one who asks may know of a field. */
  mayKnow(name: string): boolean
}

/** @param asksAdmin whether an admin asks; others ask of themselves, and see what they may read */
export function traceAccess(subject: Subject, entity: Entity, asksAdmin: boolean): Trace {
  const { user, permissions } = subject
  const stored = permissions.stored.get(entity.id)
  const permission = stored ?? permissions.fallback
  const policy = decide(user, entity, permissions)
  const rules = Object.fromEntries(VERBS.map((verb) => [verb, traceRule(permission[verb], entity, user)]))
  const mayKnow = asksAdmin ? () => true : readableNames(policy)
  return {
    subject,
    entity,
    policy,
    permission,
    isStored: stored !== undefined,
    rules: rules as Trace['rules'],
    asksAdmin,
    mayKnow,
  }
}

function traceRule(stored: StoredRule, entity: Entity, user: User): TracedRule {
  if (typeof stored === 'boolean') return { stored, tree: undefined, stopped: undefined }
  const tree = ruleTree(stored, entity, user)
  return typeof tree === 'string'
    ? { stored, tree: undefined, stopped: tree }
    : { stored, tree, stopped: undefined }
}

const ALWAYS_SHOWN = ['id', 'created_at', 'updated_at']

function readableNames({ visible, hidden }: Policy): (name: string) => boolean {
  const persons = ['created_by', 'updated_by'].filter((name) => !(hidden as readonly string[]).includes(name))
  const names = new Set([...visible.fields.map(({ name }) => name), ...ALWAYS_SHOWN, ...persons])
  return (name) => names.has(name)
}
