// Opens a session from a user name and a password. A wrong tenant, user name or password gives the same refusal at the same
// cost; too many failures of an account or an address in a minute give 429.

import { insertFailedSignIn, recordAudit } from '../audit/audit-store.ts'
import { errors } from '../errors.ts'
import { caseless } from '../fields/caseless.ts'
import { type Credentials, pickAccount, selectCredentials, updateAccount } from './account-store.ts'
import { type AuthContext, withTenant } from './context.ts'
import type { Attempt } from './failed-attempts.ts'
import { type LoginName, parseLoginName } from './login-name.ts'
import { networkOf } from './network.ts'
import { lockCredentials, openSession, type Session } from './session-store.ts'

const FAILURES_PER_ACCOUNT = 10

const FAILURES_PER_ADDRESS = 60

export interface PasswordGrant {
  /** `alice` or `acme/alice`. */
  username: string
  password: string
  address: string
}

interface Found {
  tenantId: string
  tenantName: string
  account: Credentials
}

/** What counts against an address and, if the name can be that of an account, against the account. */
export function attemptOf(name: LoginName | null, address: string): Attempt {
  const ofAddress = { key: `address ${networkOf(address)}`, limit: FAILURES_PER_ADDRESS }
  if (name === null) return { tenant: '', budgets: [ofAddress] }
  const ofAccount = {
    key: `account ${name.tenant}/${caseless(name.username)}`,
    limit: FAILURES_PER_ACCOUNT,
  }
  return { tenant: name.tenant, budgets: [ofAddress, ofAccount] }
}

function findAccount(context: AuthContext, { tenant, username }: LoginName): Promise<Found | null> {
  return withTenant(
    context,
    (directory) => directory.tenantForSignIn(tenant),
    async (found) => {
      const account = pickAccount(
        await context.db.read(found, selectCredentials(found.id, username)),
        username,
      )
      return account && { tenantId: found.id, tenantName: found.name, account }
    },
  )
}

function checkPassword(context: AuthContext, grant: PasswordGrant): Promise<Found | null> {
  const name = parseLoginName(grant.username)
  const attempt = { ...attemptOf(name, grant.address), time: context.visit?.time }
  return context.failedSignIns.attempt(attempt, async () => {
    const found = name === null ? null : await findAccount(context, name)
    const hash = found?.account.passwordHash ?? null
    const fits = await context.passwords.verify(hash, grant.password, attempt.tenant)
    return fits && found?.account.active ? found : null
  })
}

/** Records a failure in the log of the named tenant under the name that was tried; at a tenant that does not exist likewise. */
async function recordFailure(context: AuthContext, { username, address }: PasswordGrant): Promise<void> {
  const name = parseLoginName(username)
  if (name === null) return
  await withTenant(
    context,
    (directory) => directory.tenantForSignIn(name.tenant),
    (tenant) => context.db.write(tenant, [], insertFailedSignIn(tenant.id, name.username, { address })),
  )
}

/** Opens a session, and rehashes a password whose hash has an outdated cost; errors.invalidCredentials. */
export async function signIn(context: AuthContext, grant: PasswordGrant): Promise<Session> {
  const { db, passwords, refreshTtl } = context
  const found = await checkPassword(context, grant)
  if (found === null) {
    await recordFailure(context, grant)
    throw errors.invalidCredentials()
  }
  const { tenantId, account } = found
  const passwordHash = passwords.isOutdated(account.passwordHash)
    ? await passwords.hash(grant.password, found.tenantName)
    : undefined
  const session = await withTenant(
    context,
    (directory) => directory.tenantById(tenantId),
    (tenant) =>
      db.transaction(tenant, [], async (tx) => {
        if (!(await lockCredentials(tx, tenantId, account))) return null
        if (passwordHash !== undefined) await updateAccount(tx, tenantId, account.id, { passwordHash })
        const actor = { id: account.id, username: account.username, tenant }
        await recordAudit(tx, actor, { action: 'sign_in.success', details: { address: grant.address } })
        return openSession(tx, tenantId, account.id, refreshTtl)
      }),
  )
  if (session === null) throw errors.invalidCredentials()
  return session
}
