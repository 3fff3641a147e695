// A user changes his own password: he proves that he knows the present one, his other sessions end, and he goes on in
// a new one. Guessing the present one counts as failed sign-ins.

import { recordAudit } from '../audit/audit-store.ts'
import { errors } from '../errors.ts'
import { type Credentials, selectCredentialsById, toCredentials, updateAccount } from './account-store.ts'
import type { Caller } from './caller.ts'
import type { AuthContext } from './context.ts'
import { endSessions, lockCredentials, openSession, type Session } from './session-store.ts'
import { budgetsOf } from './sign-in.ts'

/** Checks the caller's present password; errors.invalidBody. */
export async function confirmPassword(
  { db, passwords, failedSignIns }: AuthContext,
  { id, username, tenant }: Caller,
  password: string,
  address: string,
): Promise<Credentials> {
  const budgets = budgetsOf({ tenant: tenant.name, username }, address)
  const confirmed = await failedSignIns.attempt(budgets, async () => {
    const [row] = await db.read(tenant, selectCredentialsById(tenant.id, id))
    const account = row === undefined ? null : toCredentials(row)
    const fits = await passwords.verify(account?.passwordHash ?? null, password)
    return fits ? account : null
  })
  if (confirmed === null)
    throw errors.invalidBody([
      { pointer: '/current_password', keyword: 'password', message: 'is not the present password' },
    ])
  return confirmed
}

/** Sets the password of an account that has just been confirmed; errors.unauthenticated when it changed meanwhile. */
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
    await endSessions(tx, tenant.id, account.id)
    return openSession(tx, tenant.id, account.id, refreshTtl)
  })
}
