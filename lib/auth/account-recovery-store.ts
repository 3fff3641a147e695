// Changes of accounts outside any request: the first admin of an empty database, and a new password for a user who has lost
// theirs. Safe to run in several processes at once.
import { v7 as uuid } from 'uuid'
import { recordAudit } from '../audit/audit-store.ts'
import { isStaleError, retryStale } from '../db/retry-stale.ts'
import type { TenantDb, Transaction } from '../db/statement.ts'
import { DEFAULT_TENANT, type TenantRow } from '../db/tenant.ts'
import type { TenantDirectory } from '../db/tenant-directory.ts'
import { isUniqueViolation } from '../errors/codes.ts'
import { StartError } from '../errors/start-error.ts'
import { findCredentials, insertAccount, lockAccount, updateAccount } from './account-store.ts'
import { normalizeUsername, parseLoginName } from './login-name.ts'
import { generatePassword, hashPassword, type Passwords } from './password.ts'
import { endSessions } from './session-store.ts'
import { weaknessOf } from './weak-password.ts'

/** The actor in the audit log: somebody with a shell on the server. */
const RECOVERY = 'npm run admin'

/** What accounts are recovered with; the server itself has this shape. */
export interface RecoveryContext {
  db: Pick<TenantDb, 'transaction'>
  directory: Pick<TenantDirectory, 'tenantByName' | 'create'>
}

export interface FirstAdmin {
  username: string
  /** The generated password, which cannot be read again; null if it was given. */
  generatedPassword: string | null
}

async function hasAccounts({ db }: RecoveryContext, tenant: TenantRow): Promise<boolean> {
  const { rowCount } = await db.transaction(tenant, [], (tx) =>
    tx.query('select from account where tenant_id = $1 limit 1', [tenant.id]),
  )
  return rowCount === 1
}

/** Whether the default tenant had users at a time, in milliseconds since 1970. */
export async function hadAccountsAt({ db, directory }: RecoveryContext, time: number): Promise<boolean> {
  const tenant = await directory.tenantByName(DEFAULT_TENANT)
  if (tenant === null) return false
  const text = 'select from account where tenant_id = $1 and created_at < $2 limit 1'
  const values = [tenant.id, new Date(time).toISOString()]
  const { rowCount } = await db.transaction(tenant, [], (tx) => tx.query(text, values))
  return rowCount === 1
}

/** The password itself; a StartError for one that is guessed first. */
async function requireStrong(password: string, username: string): Promise<string> {
  const weakness = await weaknessOf(password, { username, tenant: DEFAULT_TENANT })
  if (weakness !== null) throw new StartError(`ADMIN_PASSWORD ${weakness}: choose another one.`)
  return password
}

/** What the first admin is created with; the server itself has this shape. */
interface FirstAdminContext extends RecoveryContext {
  passwords: Pick<Passwords, 'hash'>
}

/**
 * Creates the default tenant with its first admin, who is an operator, unless there is a user already.
 *
 * @param password undefined: one is generated
 * @returns the admin that this process has created; null if there was one already
 */
export async function ensureFirstAdmin(
  context: FirstAdminContext,
  { username, password }: { username: string; password: string | undefined },
): Promise<FirstAdmin | null> {
  const { db, directory, passwords } = context
  const tenant = await directory.tenantByName(DEFAULT_TENANT)
  if (tenant !== null && (await hasAccounts(context, tenant))) return null
  const name = normalizeUsername(username)
  const chosen = password === undefined ? generatePassword() : await requireStrong(password, name)
  const passwordHash = await passwords.hash(chosen, DEFAULT_TENANT)
  const account = { id: uuid(), username: name, role: 'operator', passwordHash }
  const id = tenant?.id ?? uuid()
  const insert = (tx: Transaction) => insertAccount(tx, id, account)
  try {
    await (tenant === null
      ? directory.create(id, DEFAULT_TENANT, insert)
      : db.transaction(tenant, 'metadata', insert))
  } catch (error) {
    // Another process has created it meanwhile.
    if (isUniqueViolation(error) || isStaleError(error)) return null
    throw error
  }
  return { username: name, generatedPassword: password === undefined ? chosen : null }
}

/**
 * Gives an account a generated password and ends its sessions.
 *
 * @param login `alice` or `acme/alice`
 * @returns the password; null if there is no such account
 */
export async function resetPassword(
  { db, directory }: RecoveryContext,
  login: string,
): Promise<string | null> {
  const name = parseLoginName(login)
  if (name === null) return null
  const password = generatePassword()
  const passwordHash = await hashPassword(password)
  return retryStale(async () => {
    const tenant = await directory.tenantByName(name.tenant)
    if (tenant === null) return null
    return db.transaction(tenant, 'metadata', async (tx) => {
      const account = await findCredentials(tx, tenant.id, name.username)
      if (account === null) return null
      await lockAccount(tx, tenant.id, account.id)
      await updateAccount(tx, tenant.id, account.id, { passwordHash })
      await endSessions(tx, { tenantId: tenant.id, accountId: account.id })
      const event = {
        action: 'password.recover',
        target: account.id,
        details: { username: name.username },
      } as const
      await recordAudit(tx, { id: null, username: RECOVERY, tenant }, event)
      return password
    })
  })
}
