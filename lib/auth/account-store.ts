// Accounts in the database: their rows in and out. Reads are statements for a tenant's scope; writes run inside a transaction
// of the tenant. Refuses a user name in use and a missing account.
import type { Queryable, Statement, TextRow } from '../db/statement.ts'
import { toIsoTimestamp } from '../db/timestamp.ts'
import { isUniqueViolation } from '../errors/codes.ts'
import { errors } from '../errors.ts'

export interface Account {
  id: string
  username: string
  role: string
  active: boolean
  /** ISO 8601, UTC. */
  createdAt: string
}

/** An account with the hash of its password. */
export interface Credentials extends Account {
  passwordHash: string
  /** Raised with every change that ends the sessions opened before it. */
  version: number
}

export interface AccountChanges {
  role?: string
  active?: boolean
  passwordHash?: string
}

const COLUMNS = 'id::text, username, role, active::text, created_at::text'

const WITH_SECRETS = `${COLUMNS}, password_hash, token_version::text`

const ARRAY = (columns: string): string => `array[${columns}] as row`

export const selectAccount = (tenantId: string, id: string): Statement => ({
  text: `select ${COLUMNS} from account where tenant_id = $1 and id = $2`,
  values: [tenantId, id],
})

/** The accounts of a tenant, oldest first. */
export const selectAccounts = (tenantId: string, limit: number, offset: number): Statement => ({
  text: `select ${COLUMNS} from account where tenant_id = $1 order by account.id limit $2 offset $3`,
  values: [tenantId, limit, offset],
})

export const selectCredentials = (tenantId: string, username: string): Statement => ({
  text: `select ${WITH_SECRETS} from account where tenant_id = $1 and username = $2`,
  values: [tenantId, username],
})

export const selectCredentialsById = (tenantId: string, id: string | null): Statement => ({
  text: `select ${WITH_SECRETS} from account where tenant_id = $1 and id = $2`,
  values: [tenantId, id],
})

/** The account behind an access token: active, and its session not ended. */
export const selectSignedIn = (tenantId: string, id: string, session: string): Statement => ({
  text: `select ${COLUMNS} from account where tenant_id = $1 and id = $2 and active and exists (
    select from refresh_token r where r.tenant_id = $1 and r.family = $3 and r.account_id = $2)`,
  values: [tenantId, id, session],
})

export function toAccount(row: TextRow): Account {
  const [id, username, role, active, createdAt] = row as string[]
  return {
    id: id as string,
    username: username as string,
    role: role as string,
    active: active === 'true',
    createdAt: toIsoTimestamp(createdAt as string),
  }
}

export function toCredentials(row: TextRow): Credentials {
  return { ...toAccount(row), passwordHash: row[5] as string, version: Number(row[6]) }
}

async function one(tx: Queryable, text: string, values: unknown[]): Promise<TextRow | null> {
  const { rows } = await tx.query<{ row: TextRow }>(text, values)
  return rows[0]?.row ?? null
}

/** Reads and locks an account: until the transaction ends no session of it is opened, renewed or ended; errors.userNotFound. */
export async function lockAccount(tx: Queryable, tenantId: string, id: string): Promise<Credentials> {
  const text = `select ${ARRAY(WITH_SECRETS)} from account where tenant_id = $1 and id = $2 for update`
  const row = await one(tx, text, [tenantId, id])
  if (row === null) throw errors.userNotFound()
  return toCredentials(row)
}

/** Inserts an account; errors.usernameTaken. */
export async function insertAccount(
  tx: Queryable,
  tenantId: string,
  account: { id: string; username: string; role: string; passwordHash: string },
): Promise<Account> {
  const text = `insert into account (tenant_id, id, username, role, password_hash)
    values ($1, $2, $3, $4, $5) returning ${ARRAY(COLUMNS)}`
  const { id, username, role, passwordHash } = account
  try {
    return toAccount((await one(tx, text, [tenantId, id, username, role, passwordHash])) as TextRow)
  } catch (error) {
    if (isUniqueViolation(error)) throw errors.usernameTaken(username)
    throw error
  }
}

/** Sets the members that `changes` has; errors.userNotFound. */
export async function updateAccount(
  tx: Queryable,
  tenantId: string,
  id: string,
  changes: AccountChanges,
): Promise<Account> {
  const text = `update account set role = coalesce($3, role), active = coalesce($4, active),
      password_hash = coalesce($5, password_hash), updated_at = now()
    where tenant_id = $1 and id = $2 returning ${ARRAY(COLUMNS)}`
  const values = [tenantId, id, changes.role, changes.active, changes.passwordHash]
  const row = await one(tx, text, values)
  if (row === null) throw errors.userNotFound()
  return toAccount(row)
}

/** Deletes an account; its refresh tokens are deleted with it. */
export async function deleteAccount(tx: Queryable, tenantId: string, id: string): Promise<void> {
  await tx.query('delete from account where tenant_id = $1 and id = $2', [tenantId, id])
}

/** The account of a normalized user name; null if there is none. */
export async function findCredentials(
  tx: Queryable,
  tenantId: string,
  username: string,
): Promise<Credentials | null> {
  const text = `select ${ARRAY(WITH_SECRETS)} from account where tenant_id = $1 and username = $2`
  const row = await one(tx, text, [tenantId, username])
  return row === null ? null : toCredentials(row)
}

/** The numbers of active admins of the tenant, operators included, and of active operators. */
export async function countAdmins(
  tx: Queryable,
  tenantId: string,
): Promise<{ admins: number; operators: number }> {
  const { rows } = await tx.query<{ admins: number; operators: number }>(
    `select count(*)::int as admins, (count(*) filter (where role = 'operator'))::int as operators
      from account where tenant_id = $1 and active and role in ('admin', 'operator')`,
    [tenantId],
  )
  return rows[0] as { admins: number; operators: number }
}
