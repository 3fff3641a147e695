// Changes of accounts outside any request: the first admin of an empty database, and a new password for a user who has lost
// theirs. Safe to run in several processes at once.
import { v7 as uuid } from 'uuid'
import { recordAudit } from '../audit/audit-store.ts'
import { isStaleError, retryStale } from '../db/retry-stale.ts'
import type { TenantDb, Transaction } from '../db/statement.ts'
import { DEFAULT_TENANT, type TenantDirectory, type TenantRow } from '../db/tenant.ts'
import { isUniqueViolation } from '../errors/codes.ts'
import { findCredentials, insertAccount, lockAccount, updateAccount } from './account-store.ts'
import { normalizeUsername, parseLoginName } from './login-name.ts'
import { generatePassword, hashPassword } from './password.ts'
import { endSessions } from './session-store.ts'

/** The actor in the audit log: somebody with a shell on the server. */
const RECOVERY = 'npm run admin'

type AccountDb = Pick<TenantDb, 'transaction' | 'change'> & TenantDirectory

export interface FirstAdmin {
  username: string
  /** The generated password, which cannot be read again; null if it was given. */
  generatedPassword: string | null
}

async function hasAccounts(db: AccountDb, tenant: TenantRow): Promise<boolean> {
  const { rowCount } = await db.transaction(tenant, [], (tx) =>
    tx.query('select from account where tenant_id = $1 limit 1', [tenant.id]),
  )
  return rowCount === 1
}

/**
 * Creates the default tenant with its first admin, who is an operator, unless there is a user already.
 *
 * @param password undefined: one is generated
 * @returns the admin that this process has created; null if there was one already
 */
export async function ensureFirstAdmin(
  db: AccountDb,
  { username, password }: { username: string; password: string | undefined },
): Promise<FirstAdmin | null> {
  const tenant = await db.tenantByName(DEFAULT_TENANT)
  if (tenant !== null && (await hasAccounts(db, tenant))) return null
  const chosen = password ?? generatePassword()
  const name = normalizeUsername(username)
  const account = { id: uuid(), username: name, role: 'operator', passwordHash: await hashPassword(chosen) }
  const id = tenant?.id ?? uuid()
  const insert = (tx: Transaction) => insertAccount(tx, id, account)
  try {
    await (tenant === null ? db.create(id, DEFAULT_TENANT, insert) : db.change(tenant, insert))
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
export async function resetPassword(db: AccountDb, login: string): Promise<string | null> {
  const name = parseLoginName(login)
  if (name === null) return null
  const password = generatePassword()
  const passwordHash = await hashPassword(password)
  return retryStale(async () => {
    const tenant = await db.tenantByName(name.tenant)
    if (tenant === null) return null
    return db.change(tenant, async (tx) => {
      const account = await findCredentials(tx, tenant.id, name.username)
      if (account === null) return null
      await lockAccount(tx, tenant.id, account.id)
      await updateAccount(tx, tenant.id, account.id, { passwordHash })
      await endSessions(tx, tenant.id, account.id)
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
