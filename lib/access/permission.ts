// The permission of a role for an entity, as stored: a rule for each verb, and the fields. Fields are stored by key, so that a
// field that is deleted and created again inherits nothing. A role without a stored permission has a default one.
import { isAdmin } from './roles.ts'

export const VERBS = ['read', 'create', 'update', 'delete'] as const

export type Verb = (typeof VERBS)[number]

/** A row filter in the query grammar, and the keys of the fields in it by their names. */
export interface StoredFilter {
  filter: string
  fields: Readonly<Record<string, string>>
}

export type StoredRule = boolean | StoredFilter

export interface Permission extends Readonly<Record<Verb, StoredRule>> {
  /** Keys of the fields, and names of PERSON_FIELDS among `read`; null: all, including those added later. */
  fields: { read: readonly string[] | null; write: readonly string[] | null }
}

/** The permissions of one role. */
export interface Permissions {
  /** Those that the tenant has stored, by entity id. */
  stored: ReadonlyMap<number, Permission>
  /** For every other entity. */
  fallback: Permission
}

/**
 * What a tenant may let a role do with entities for which it has stored no permission: nothing, read everything, or read
 * and create everything and change and delete one's own records.
 */
export const DEFAULT_ACCESSES = ['none', 'read', 'contribute'] as const

export type DefaultAccess = (typeof DEFAULT_ACCESSES)[number]

const ALL_FIELDS = { read: null, write: null }

const OWN: StoredFilter = { filter: 'created_by=eq.$user.id', fields: {} }

const EVERYTHING: Permission = { read: true, create: true, update: true, delete: true, fields: ALL_FIELDS }

const OF_USERS: Permission = { read: true, create: true, update: OWN, delete: OWN, fields: ALL_FIELDS }

const NOTHING: Permission = { read: false, create: false, update: false, delete: false, fields: ALL_FIELDS }

const READING: Permission = { ...NOTHING, read: true }

const BY_ACCESS: Readonly<Record<DefaultAccess, Permission>> = {
  none: NOTHING,
  read: READING,
  contribute: OF_USERS,
}

/** The default access of a role for which the tenant has set none. */
export function ownDefault(role: string): DefaultAccess {
  return role === 'user' ? 'contribute' : 'none'
}

/** The permission of a role for which none is stored. */
export function defaultPermission(role: string, access: DefaultAccess = ownDefault(role)): Permission {
  return isAdmin(role) ? EVERYTHING : BY_ACCESS[access]
}
