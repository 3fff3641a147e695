// The two ways into a session: user name and password, or the refresh token of an earlier visit. Whatever is wrong
// with a user name, a tenant or a password gives the same refusal at the same cost.
import { errors } from '../errors.ts'
import type { TenantDb } from '../postgres/queryable.ts'
import { retryStale } from '../postgres/retry-stale.ts'
import type { TenantDirectory, TenantRow } from '../tenants/tenant.ts'
import { type Credentials, selectCredentials, toCredentials, updateAccount } from './account-store.ts'
import type { Budget, FailedAttempts } from './failed-attempts.ts'
import { type LoginName, parseLoginName } from './login-name.ts'
import type { Passwords } from './password.ts'
import { parseRefreshToken, type RefreshToken } from './refresh-token.ts'
import {
  endSession,
  lockCredentials,
  openSession,
  renewSession,
  type Session,
  selectSessionOfToken,
} from './session-store.ts'

const FAILURES_PER_ACCOUNT = 10
const FAILURES_PER_ADDRESS = 60

export interface SignInContext {
  db: TenantDb & TenantDirectory
  passwords: Passwords
  attempts: FailedAttempts
  /** Seconds that a refresh token is good for. */
  refreshTtl: number
}

export interface PasswordGrant {
  /** `alice` or `acme/alice`. */
  username: string
  password: string
  address: string
}

interface Found {
  tenantId: string
  account: Credentials
}

/** What may still go wrong this minute for an account, if the name can be one's, and for an address. */
export function budgetsOf(name: LoginName | null, address: string): Budget[] {
  const ofAddress = { key: `address ${address}`, limit: FAILURES_PER_ADDRESS }
  if (name === null) return [ofAddress]
  return [ofAddress, { key: `account ${name.tenant}/${name.username}`, limit: FAILURES_PER_ACCOUNT }]
}

async function findCredentials(db: SignInContext['db'], name: LoginName): Promise<Found | null> {
  const tenant = await db.tenantByName(name.tenant)
  if (tenant === null || !tenant.active) return null
  const [row] = await db.read(tenant, selectCredentials(tenant.id, name.username))
  return row === undefined ? null : { tenantId: tenant.id, account: toCredentials(row) }
}

/** Runs work on the tenant as it is now; null when there is no such active tenant. */
function withTenant<T>(
  { db }: SignInContext,
  tenantId: string,
  work: (tenant: TenantRow) => Promise<T>,
): Promise<T | null> {
  return retryStale(async () => {
    const tenant = await db.tenantById(tenantId)
    return tenant?.active ? work(tenant) : null
  })
}

/** The account of that name and password, or null; counts a failure, errors.tooManyRequests after too many. */
function checkPassword(
  { db, passwords, attempts }: SignInContext,
  { username, password, address }: PasswordGrant,
): Promise<Found | null> {
  const name = parseLoginName(username)
  return attempts.attempt(budgetsOf(name, address), async () => {
    const found = name === null ? null : await retryStale(() => findCredentials(db, name))
    const fits = await passwords.verify(found?.account.passwordHash ?? null, password)
    return fits && found?.account.active ? found : null
  })
}

/** Opens a session; errors.invalidCredentials. */
export async function signIn(context: SignInContext, grant: PasswordGrant): Promise<Session> {
  const found = await checkPassword(context, grant)
  if (found === null) throw errors.invalidCredentials()
  const { tenantId, account } = found
  const { db, passwords, refreshTtl } = context
  const rehashed = passwords.isOutdated(account.passwordHash)
    ? await passwords.hash(grant.password)
    : undefined
  const session = await withTenant(context, tenantId, (tenant) =>
    db.transaction(tenant, [], async (tx) => {
      if (!(await lockCredentials(tx, tenantId, account))) return null
      if (rehashed !== undefined) await updateAccount(tx, tenantId, account.id, { passwordHash: rehashed })
      return openSession(tx, tenantId, account.id, refreshTtl)
    }),
  )
  if (session === null) throw errors.invalidCredentials()
  return session
}

/** Replaces a refresh token; one that was used before ends its whole session; errors.invalidRefreshToken. */
export async function refresh(context: SignInContext, text: string): Promise<Session> {
  const token = parseRefreshToken(text)
  if (token === null) throw errors.invalidRefreshToken()
  const { db, refreshTtl } = context
  const renewal = await withTenant(context, token.tenantId, (tenant) =>
    db.transaction(tenant, [], (tx) => renewSession(tx, token, refreshTtl)),
  )
  if (renewal !== null && 'session' in renewal) return renewal.session
  if (renewal !== null) await endSessionOf(context, token.tenantId, renewal.reused)
  throw errors.invalidRefreshToken()
}

/** The session that a refresh token belongs to, if it is going on. */
export async function sessionOfRefreshToken(
  context: SignInContext,
  token: RefreshToken,
): Promise<string | null> {
  const rows = await withTenant(context, token.tenantId, (tenant) =>
    context.db.read(tenant, selectSessionOfToken(token)),
  )
  return rows?.[0]?.[0] ?? null
}

/** Ends a session for every instance, from the next request on. */
export async function endSessionOf(context: SignInContext, tenantId: string, session: string): Promise<void> {
  const { db } = context
  await withTenant(context, tenantId, (tenant) =>
    db.change(tenant, (tx) => endSession(tx, tenantId, session)),
  )
}
