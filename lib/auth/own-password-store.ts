// A user changes their own password: confirms the current one, which ends their other sessions. A wrong
// current password counts as a failed sign-in.

import { recordAudit } from '../audit/audit-store.ts'
import { errors } from '../errors.ts'
import { type Credentials, selectCredentialsById, toCredentials, updateAccount } from './account-store.ts'
import type { Caller } from './caller.ts'
import type { AuthContext } from './context.ts'
import { continueSession, endSessions, lockCredentials, type Session } from './session-store.ts'
import { attemptOf } from './sign-in-store.ts'

/** Checks the caller's current password; errors.forbidden for an API key, errors.invalidBody, errors.tooManyRequests. */
export async function confirmPassword(
  { db, passwords, failedSignIns }: AuthContext,
  { id, username, session, tenant }: Caller,
  password: string,
  address: string,
): Promise<Credentials> {
  if (session === null) throw errors.forbidden('a user; an API key has no password')
  const attempt = attemptOf({ tenant: tenant.name, username }, address)
  const confirmed = await failedSignIns.attempt(attempt, async () => {
    const [row] = await db.read(tenant, selectCredentialsById(tenant.id, id))
    const account = row === undefined ? null : toCredentials(row)
    const fits = await passwords.verify(account?.passwordHash ?? null, password, tenant.name)
    return fits ? account : null
  })
  if (confirmed === null)
    throw errors.invalidBody([
      { pointer: '/current_password', keyword: 'password', message: 'is not the current password' },
    ])
  return confirmed
}

/** Sets the password of a confirmed account; errors.unauthenticated if the account has changed since. */
export function replacePassword(
  { db, refreshTtl }: AuthContext,
  caller: Caller,
  account: Credentials,
  passwordHash: string,
): Promise<Session> {
  const { tenant } = caller
  return db.transaction(tenant, 'metadata', async (tx) => {
    if (!(await lockCredentials(tx, tenant.id, account))) throw errors.unauthenticated()
    await updateAccount(tx, tenant.id, account.id, { passwordHash })
    await recordAudit(tx, caller, { action: 'password.change', target: account.id })
    if (caller.session === null) throw errors.unauthenticated()
    const owner = { tenantId: tenant.id, accountId: account.id, id: caller.session }
    await endSessions(tx, { ...owner, kept: owner.id })
    return continueSession(tx, owner, refreshTtl)
  })
}
