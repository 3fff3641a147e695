// The rules by which admins make, change and remove the users of their tenant, each inside one change of it: only an
// operator grants `operator` or touches an operator's account, and the last active admin stays.
import { v7 as uuid } from 'uuid'
import { isAdmin } from '../access/roles.ts'
import { recordAudit } from '../audit/audit-store.ts'
import type { Queryable } from '../db/statement.ts'
import { errors } from '../errors.ts'
import {
  type Account,
  type AccountChanges,
  countAdmins,
  deleteAccount,
  insertAccount,
  lockAccount,
  updateAccount,
} from './account-store.ts'
import { countKeysOf } from './api-key-store.ts'
import type { Caller } from './caller.ts'
import { normalizeUsername } from './login-name.ts'
import { requireKnownRole } from './role-store.ts'
import { endSessions } from './session-store.ts'

export interface NewUser {
  username: string
  role: string
  passwordHash: string
}

/** Refuses an actor who is no operator when `operator` is among the roles he would give or take. */
export function refuseOperatorRole(actor: Caller, ...roles: (string | undefined)[]): void {
  if (actor.role !== 'operator' && roles.includes('operator')) throw errors.forbidden('the role operator')
}

async function refuseLastAdmin(tx: Queryable, actor: Caller, before: Account): Promise<void> {
  if (!before.active || !isAdmin(before.role)) return
  const { admins, operators } = await countAdmins(tx, actor.tenant.id)
  if (admins === 0) throw errors.lastAdmin('admin')
  if (before.role === 'operator' && operators === 0) throw errors.lastAdmin('operator')
}

/** Adds a user to the actor's tenant; errors.usernameTaken. */
export async function createUser(tx: Queryable, actor: Caller, user: NewUser): Promise<Account> {
  refuseOperatorRole(actor, user.role)
  await requireKnownRole(tx, actor.tenant.id, user.role)
  const username = normalizeUsername(user.username)
  const details = { username, role: user.role }
  const account = await insertAccount(tx, actor.tenant.id, { ...user, id: uuid(), username })
  await recordAudit(tx, actor, { action: 'user.create', target: account.id, details })
  return account
}

/** Changes a user of the actor's tenant; errors.userNotFound, errors.lastAdmin. */
export async function changeUser(
  tx: Queryable,
  actor: Caller,
  id: string,
  changes: AccountChanges,
): Promise<Account> {
  const before = await lockAccount(tx, actor.tenant.id, id)
  refuseOperatorRole(actor, before.role, changes.role)
  if (changes.role !== undefined) await requireKnownRole(tx, actor.tenant.id, changes.role)
  const after = await updateAccount(tx, actor.tenant.id, id, changes)
  await refuseLastAdmin(tx, actor, before)
  // A role is no reason: tokens do not carry it, the next request has the new one.
  if (changes.passwordHash !== undefined || !after.active) await endSessions(tx, actor.tenant.id, id)
  const { passwordHash, ...rest } = changes
  const details = { username: after.username, ...rest, ...(passwordHash && { password: 'changed' }) }
  await recordAudit(tx, actor, { action: 'user.change', target: id, details })
  return after
}

/** Removes a user of the actor's tenant and ends his sessions; errors.userNotFound, errors.lastAdmin. */
export async function removeUser(tx: Queryable, actor: Caller, id: string): Promise<void> {
  const before = await lockAccount(tx, actor.tenant.id, id)
  refuseOperatorRole(actor, before.role)
  await deleteAccount(tx, actor.tenant.id, id)
  const { username } = before
  const keys = await countKeysOf(tx, actor.tenant.id, id)
  await recordAudit(tx, actor, { action: 'user.delete', target: id, details: { username, keys_left: keys } })
  await refuseLastAdmin(tx, actor, before)
}
