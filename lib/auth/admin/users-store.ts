// The users of a tenant, as its admins manage them. A change is one transaction, its audit entry included. Only an operator
// grants `operator` or touches an operator's account, and the last active admin stays.
import { v7 as uuid } from 'uuid'
import { isAdmin } from '../../access/roles.ts'
import { recordAudit } from '../../audit/audit-store.ts'
import type { RowRange } from '../../db/row-range.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { TenantDb, Transaction } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import {
  type Account,
  type AccountChanges,
  countAdmins,
  deleteAccount,
  insertAccount,
  lockAccount,
  selectAccount,
  selectAccounts,
  toAccount,
  updateAccount,
} from '../account-store.ts'
import { countKeysOf } from '../api-key-store.ts'
import type { Caller } from '../caller.ts'
import { normalizeUsername } from '../login-name.ts'
import { requireKnownRole } from '../role-store.ts'
import { endSessions } from '../session-store.ts'
import { refuseOperatorRole } from './operator-role.ts'

export interface NewUser {
  username: string
  role: string
  passwordHash: string
}

export interface UserChanges extends AccountChanges {
  id: string
}

/** The users of a tenant, oldest first. */
export async function listUsers(
  db: TenantDb,
  tenant: TenantScope,
  { limit, offset }: RowRange,
): Promise<Account[]> {
  const rows = await db.read(tenant, selectAccounts(tenant.id, limit, offset))
  return rows.map((row) => toAccount(row))
}

/** One user of a tenant; errors.userNotFound. */
export async function findUser(db: TenantDb, tenant: TenantScope, id: string): Promise<Account> {
  const [row] = await db.read(tenant, selectAccount(tenant.id, id))
  if (row === undefined) throw errors.userNotFound()
  return toAccount(row)
}

/** Adds a user to the caller's tenant; errors.forbidden, errors.invalidBody, errors.usernameTaken. */
export function createUser(db: TenantDb, caller: Caller, user: NewUser): Promise<Account> {
  const { tenant } = caller
  return db.transaction(tenant, 'metadata', async (tx) => {
    refuseOperatorRole(caller, user.role)
    await requireKnownRole(tx, tenant.id, user.role)
    const username = normalizeUsername(user.username)
    const details = { username, role: user.role }
    const account = await insertAccount(tx, tenant.id, { ...user, id: uuid(), username })
    await recordAudit(tx, caller, { action: 'user.create', target: account.id, details })
    return account
  })
}

/**
 * Changes the role or password of a user of the caller's tenant, or whether they are active. A new password and the loss of
 * activity end their sessions, but for the one in which they change their own password; errors.userNotFound, errors.forbidden, errors.invalidBody, errors.lastAdmin.
 */
export function changeUser(db: TenantDb, caller: Caller, { id, ...changes }: UserChanges): Promise<Account> {
  const { tenant } = caller
  return db.transaction(tenant, 'metadata', async (tx) => {
    const before = await lockAccount(tx, tenant.id, id)
    refuseOperatorRole(caller, before.role, changes.role)
    if (changes.role !== undefined) await requireKnownRole(tx, tenant.id, changes.role)
    const after = await updateAccount(tx, tenant.id, id, changes)
    await refuseLastAdmin(tx, tenant.id, before)
    // A new role does not end them: tokens carry no role, and the next request reads the new one.
    const kept = after.active && caller.id === id ? caller.session : null
    if (changes.passwordHash !== undefined || !after.active)
      await endSessions(tx, { tenantId: tenant.id, accountId: id, kept })
    const details = { username: after.username, ...presentChanges(changes) }
    await recordAudit(tx, caller, { action: 'user.change', target: id, details })
    return after
  })
}

/** The changes as the audit log shows them: a password only as changed. */
function presentChanges({ passwordHash, ...rest }: AccountChanges) {
  return passwordHash === undefined ? rest : { ...rest, password: 'changed' }
}

/** Removes a user of the caller's tenant and ends their sessions; errors.userNotFound, errors.forbidden, errors.lastAdmin. */
export function removeUser(db: TenantDb, caller: Caller, id: string): Promise<void> {
  const { tenant } = caller
  return db.transaction(tenant, 'metadata', async (tx) => {
    const before = await lockAccount(tx, tenant.id, id)
    refuseOperatorRole(caller, before.role)
    await deleteAccount(tx, tenant.id, id)
    const details = { username: before.username, keys_left: await countKeysOf(tx, tenant.id, id) }
    await recordAudit(tx, caller, { action: 'user.delete', target: id, details })
    await refuseLastAdmin(tx, tenant.id, before)
  })
}

/** errors.lastAdmin when the account was an active admin and the transaction has left none, or no operator. */
async function refuseLastAdmin(tx: Transaction, tenantId: string, before: Account): Promise<void> {
  if (!before.active || !isAdmin(before.role)) return
  const { admins, operators } = await countAdmins(tx, tenantId)
  if (admins === 0) throw errors.lastAdmin('admin')
  if (before.role === 'operator' && operators === 0) throw errors.lastAdmin('operator')
}
