// Accounts in the database: their rows in and out. Reads are statements for a tenant's scope; writes run inside a transaction
// of the tenant. Refuses a user name in use and a missing account.
import { column, columns, oneRow } from '../db/columns.ts'
import type { Queryable, Statement, TextRow, Transaction } from '../db/statement.ts'
import { isUniqueViolation } from '../errors/codes.ts'
import { errors } from '../errors.ts'
import { caseless } from '../fields/caseless.ts'

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

const accountColumns = {
  id: column.text('id'),
  username: column.text('username'),
  role: column.text('role'),
  active: column.boolean('active'),
  createdAt: column.timestamp('created_at'),
}

const ACCOUNT = columns<Account>(accountColumns)

const CREDENTIALS = columns<Credentials>({
  ...accountColumns,
  passwordHash: column.text('password_hash'),
  version: column.integer('token_version'),
})

export const toAccount = ACCOUNT.decode

export const toCredentials = CREDENTIALS.decode

export const selectAccount = (tenantId: string, id: string): Statement => ({
  text: `select ${ACCOUNT.list} from account where tenant_id = $1 and id = $2`,
  values: [tenantId, id],
})

/** The accounts of a tenant, oldest first. */
export const selectAccounts = (tenantId: string, limit: number, offset: number): Statement => ({
  text: `select ${ACCOUNT.list} from account where tenant_id = $1 order by account.id limit $2 offset $3`,
  values: [tenantId, limit, offset],
})

/** The account of that name, and those whose names are the same but for case; pickAccount chooses among them. */
export const selectCredentials = (tenantId: string, username: string): Statement => ({
  text: `select ${CREDENTIALS.list} from account where tenant_id = $1 and (username_key = $2 or username = $3)`,
  values: [tenantId, caseless(username), username],
})

/** The account of exactly that name, else the only one whose name differs from it in case; null if there is none. */
export function pickAccount(rows: readonly TextRow[], username: string): Credentials | null {
  const accounts = rows.map(toCredentials)
  const exact = accounts.find((account) => account.username === username)
  return exact ?? (accounts.length === 1 ? (accounts[0] as Credentials) : null)
}

export const selectCredentialsById = (tenantId: string, id: string | null): Statement => ({
  text: `select ${CREDENTIALS.list} from account where tenant_id = $1 and id = $2`,
  values: [tenantId, id],
})

/** The account behind an access token: active, and its session not ended. */
export const selectSignedIn = (tenantId: string, id: string, session: string): Statement => ({
  text: `select ${ACCOUNT.list} from account where tenant_id = $1 and id = $2 and active and exists (
    select from refresh_token r where r.tenant_id = $1 and r.family = $3 and r.account_id = $2)`,
  values: [tenantId, id, session],
  cost: 'row',
})

/** Reads and locks an account: until the transaction ends no session of it is opened, renewed or ended; errors.userNotFound. */
export async function lockAccount(tx: Transaction, tenantId: string, id: string): Promise<Credentials> {
  const text = `select ${CREDENTIALS.list} from account where tenant_id = $1 and id = $2 for update`
  const [row] = await tx.read({ text, values: [tenantId, id] })
  if (row === undefined) throw errors.userNotFound()
  return toCredentials(row)
}

/** Inserts an account; errors.usernameTaken when another has that name in whatever case. Changes of accounts run one at a time. */
export async function insertAccount(
  tx: Transaction,
  tenantId: string,
  account: { id: string; username: string; role: string; passwordHash: string },
): Promise<Account> {
  // A part of a statement: a plain insert of what is selected is one that Citus refuses under row-level security.
  const text = `with made as (insert into account (tenant_id, id, username, role, password_hash, username_key)
      select $1, $2, $3, $4, $5, $6 where not exists (
        select from account where tenant_id = $1 and username_key = $6) returning *)
    select ${ACCOUNT.list} from made`
  const { id, username, role, passwordHash } = account
  const values = [tenantId, id, username, role, passwordHash, caseless(username)]
  try {
    const [row] = await tx.read({ text, values })
    if (row === undefined) throw errors.usernameTaken(username)
    return toAccount(row)
  } catch (error) {
    if (isUniqueViolation(error)) throw errors.usernameTaken(username)
    throw error
  }
}

/** Sets the members that `changes` has; errors.userNotFound. */
export async function updateAccount(
  tx: Transaction,
  tenantId: string,
  id: string,
  changes: AccountChanges,
): Promise<Account> {
  const text = `update account set role = coalesce($3, role), active = coalesce($4, active),
      password_hash = coalesce($5, password_hash), updated_at = now()
    where tenant_id = $1 and id = $2 returning ${ACCOUNT.list}`
  const values = [tenantId, id, changes.role, changes.active, changes.passwordHash]
  const [row] = await tx.read({ text, values })
  if (row === undefined) throw errors.userNotFound()
  return toAccount(row)
}

/** Deletes an account; its refresh tokens are deleted with it. */
export async function deleteAccount(tx: Queryable, tenantId: string, id: string): Promise<void> {
  await tx.query('delete from account where tenant_id = $1 and id = $2', [tenantId, id])
}

/** The account of a normalized user name, as pickAccount chooses it; null if there is none. */
export async function findCredentials(
  tx: Transaction,
  tenantId: string,
  username: string,
): Promise<Credentials | null> {
  return pickAccount(await tx.read(selectCredentials(tenantId, username)), username)
}

interface AdminCount {
  admins: number
  operators: number
}

const ADMIN_COUNT = columns<AdminCount>({
  admins: column.integer('count(*)'),
  operators: column.integer("count(*) filter (where role = 'operator')"),
})

/** The numbers of active admins of the tenant, operators included, and of active operators. */
export async function countAdmins(tx: Transaction, tenantId: string): Promise<AdminCount> {
  const text = `select ${ADMIN_COUNT.list} from account
    where tenant_id = $1 and active and role in ('admin', 'operator')`
  return ADMIN_COUNT.decode(oneRow(await tx.read({ text, values: [tenantId] })))
}
