// Whose access is explained: the caller's, or for an admin that of the user or role in `as`. Callers who are not admins are
// refused before the name is looked up, so that they cannot find out who exists.
import type { Subject } from '../../access/explain/subject.ts'
import { ANONYMOUS, BUILT_IN_ROLES, isAdmin, isRoleName } from '../../access/roles.ts'
import type { User } from '../../access/rule.ts'
import { pickAccount, selectCredentials } from '../../auth/account-store.ts'
import type { Caller } from '../../auth/caller.ts'
import { selectRoles, toRole } from '../../auth/role-store.ts'
import { errors } from '../../errors.ts'
import type { RecordContext } from '../actor.ts'

type Stores = Pick<RecordContext, 'db' | 'registry'>

/** errors.forbidden for another to whom is no admin, errors.unknownSubject. */
export async function findSubject(stores: Stores, caller: Caller, as: string | undefined): Promise<Subject> {
  const self = nameOf(caller)
  if (as === undefined || as === self) return subject(stores, caller, { as: self, user: caller })
  if (!isAdmin(caller.role)) throw errors.forbidden('the role admin, to explain the access of somebody else')
  const [, kind, name = ''] = /^(user|role):(.+)$/s.exec(as) ?? []
  if (kind === 'user') return userSubject(stores, caller, name)
  const roles = await rolesOf(stores, caller)
  if (kind !== 'role' || !isRoleName(name) || !roles.includes(name)) throw errors.unknownSubject(as, roles)
  return subject(stores, caller, { as, user: { id: null, username: name, role: name } })
}

/** As `as` has it. A key is named, but cannot be asked for: several may have one name. */
function nameOf({ id, session, username, role }: Caller): string {
  if (id === null) return `role:${role}`
  return `${session === null ? 'key' : 'user'}:${username}`
}

interface Named {
  as: string
  user: User
  isDisabled?: boolean
}

async function subject(
  { registry }: Stores,
  { tenant }: Caller,
  { as, user: { id, username, role }, isDisabled = false }: Named,
): Promise<Subject> {
  const permissions = await registry.permissions(tenant, role)
  return { as, user: { id, username, role }, permissions, isDisabled }
}

async function userSubject(stores: Stores, caller: Caller, name: string): Promise<Subject> {
  const { tenant } = caller
  const account = pickAccount(await stores.db.read(tenant, selectCredentials(tenant.id, name)), name)
  if (account === null) throw errors.unknownSubject(`user:${name}`, await rolesOf(stores, caller))
  const isDisabled = !account.active
  return subject(stores, caller, { as: `user:${account.username}`, user: account, isDisabled })
}

async function rolesOf({ db }: Stores, { tenant }: Caller): Promise<string[]> {
  const named = (await db.read(tenant, selectRoles(tenant.id))).map((row) => toRole(row).name)
  return [...BUILT_IN_ROLES, ANONYMOUS, ...named]
}
