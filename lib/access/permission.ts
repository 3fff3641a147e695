// What a role may do with an entity, as it is stored: a rule for each verb and the fields. Fields are kept by key, so that
// a field which is dropped and made again inherits nothing. Roles that nothing is stored for have the defaults below.
import { isAdmin } from './roles.ts'

export const VERBS = ['read', 'create', 'update', 'delete'] as const

export type Verb = (typeof VERBS)[number]

/** A row filter in the query grammar, and the keys of the fields that it names. */
export interface StoredFilter {
  filter: string
  fields: Readonly<Record<string, string>>
}

export type StoredRule = boolean | StoredFilter

export interface Permission extends Readonly<Record<Verb, StoredRule>> {
  /** Keys of the fields; null: all, those of the future too. */
  fields: { read: readonly string[] | null; write: readonly string[] | null }
}

/** Permissions of one role, by entity id. */
export type Permissions = ReadonlyMap<number, Permission>

const ALL_FIELDS = { read: null, write: null }

const OWN: StoredFilter = { filter: 'created_by=eq.$user.id', fields: {} }

const EVERYTHING: Permission = { read: true, create: true, update: true, delete: true, fields: ALL_FIELDS }

const OF_USERS: Permission = { read: true, create: true, update: OWN, delete: OWN, fields: ALL_FIELDS }

const NOTHING: Permission = { read: false, create: false, update: false, delete: false, fields: ALL_FIELDS }

/** What a role may do with an entity as long as nobody has said otherwise. */
export function defaultPermission(role: string): Permission {
  if (isAdmin(role)) return EVERYTHING
  return role === 'user' ? OF_USERS : NOTHING
}
