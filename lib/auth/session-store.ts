// Sessions in the database. A session is a family of refresh tokens, each used once and replaced by the next; used tokens are
// kept until they expire, so that reuse is detected. A session without rows has ended.
import { randomBytes } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import type { Queryable, Statement } from '../db/statement.ts'
import type { Credentials } from './account-store.ts'
import { createRefreshToken, createSuccessor, type RefreshToken } from './refresh-token.ts'

/** An open session and its current refresh token. */
export interface Session {
  tenantId: string
  accountId: string
  /** The id of the family of refresh tokens. */
  id: string
  refreshToken: string
}

type Owner = Omit<Session, 'refreshToken'>

const SALT_BYTES = 32

/** A refresh token to store: the id of its row, what its client holds, and the hash. */
interface NewToken {
  id: string
  text: string
  hash: Buffer
}

function newToken({ tenantId }: Owner): NewToken {
  const id = uuid()
  return { id, ...createRefreshToken(tenantId, id) }
}

async function insertToken(
  tx: Queryable,
  owner: Owner,
  { seconds, token = newToken(owner) }: { seconds: number; token?: NewToken },
): Promise<Session> {
  const { id, text, hash } = token
  await tx.query(
    `insert into refresh_token (tenant_id, id, family, account_id, token_hash, expires_at)
      values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
    [owner.tenantId, id, owner.id, owner.accountId, hash, seconds],
  )
  return { ...owner, refreshToken: text }
}

/**
 * Locks an account whose password has been checked.
 *
 * @returns false if it was disabled or given another password since the check
 */
export async function lockCredentials(
  tx: Queryable,
  tenantId: string,
  account: Credentials,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from account where tenant_id = $1 and id = $2 and active and token_version = $3
      for no key update`,
    [tenantId, account.id, account.version],
  )
  return rowCount === 1
}

/** Opens a session for a locked account and deletes expired tokens of its others. */
export async function openSession(
  tx: Queryable,
  tenantId: string,
  accountId: string,
  seconds: number,
): Promise<Session> {
  await tx.query(
    'delete from refresh_token where tenant_id = $1 and account_id = $2 and expires_at < now()',
    [tenantId, accountId],
  )
  return insertToken(tx, { tenantId, accountId, id: uuid() }, { seconds })
}

/** Gives an open session one more refresh token; those that it has stay valid. */
export function continueSession(tx: Queryable, owner: Owner, seconds: number): Promise<Session> {
  return insertToken(tx, owner, { seconds })
}

/** The outcome of a refresh: the renewed session, or the id of a session whose token was used before and which must end. */
export type Renewal = { session: Session } | { reused: string }

/** Seconds in which a used token still gives its successor: two tabs refresh at once, or an answer is lost. */
const GRACE = 10

/**
 * Replaces a refresh token by the next of its family. Of concurrent attempts one replaces it; the others, and later ones
 * within GRACE as long as the next token is not used, get the same next token.
 *
 * @returns null if there is no such valid token
 */
export async function renewSession(
  tx: Queryable,
  token: RefreshToken,
  seconds: number,
): Promise<Renewal | null> {
  const { tenantId, id, hash } = token
  // The share lock keeps a change that ends the account's sessions from missing the row inserted below.
  const { rows } = await tx.query<{ account: string; family: string }>(
    `select t.account_id::text as account, t.family::text
      from refresh_token t join account a on a.tenant_id = t.tenant_id and a.id = t.account_id
      where t.tenant_id = $1 and t.id = $2 and t.token_hash = $3 and t.expires_at > now() and a.active
      for share of a`,
    [tenantId, id, hash],
  )
  const found = rows[0]
  if (found === undefined) return null
  const owner = { tenantId, accountId: found.account, id: found.family }
  const next = uuid()
  const salt = randomBytes(SALT_BYTES)
  const { rowCount } = await tx.query(
    `update refresh_token set used_at = now(), successor = $3, successor_salt = $4
      where tenant_id = $1 and id = $2 and used_at is null`,
    [tenantId, id, next, salt],
  )
  if (rowCount === 0) return renewAgain(tx, token, owner)
  const successor = { id: next, ...createSuccessor(token, next, salt) }
  return { session: await insertToken(tx, owner, { seconds, token: successor }) }
}

/** The outcome for a token that was used before. */
async function renewAgain(tx: Queryable, token: RefreshToken, owner: Owner): Promise<Renewal> {
  const { rows } = await tx.query<{ id: string; salt: Buffer }>(
    `select n.id::text, t.successor_salt as salt from refresh_token t
      join refresh_token n on n.tenant_id = t.tenant_id and n.id = t.successor
      where t.tenant_id = $1 and t.id = $2 and n.used_at is null
        and t.used_at > now() - make_interval(secs => $3)`,
    [token.tenantId, token.id, GRACE],
  )
  const [next] = rows
  if (next === undefined) return { reused: owner.id }
  return { session: { ...owner, refreshToken: createSuccessor(token, next.id, next.salt).text } }
}

/** Selects the session of a refresh token, used or not. */
export const selectSessionOfToken = ({ tenantId, id, hash }: RefreshToken): Statement => ({
  text: 'select family::text from refresh_token where tenant_id = $1 and id = $2 and token_hash = $3',
  values: [tenantId, id, hash],
})

/** Ends a session and returns its user; null if it had ended before. */
export async function endSession(
  tx: Queryable,
  tenantId: string,
  session: string,
): Promise<{ id: string; username: string } | null> {
  const { rows } = await tx.query<{ id: string; username: string }>(
    `select id, username from account where tenant_id = $1 and id = (
      select account_id from refresh_token where tenant_id = $1 and family = $2 limit 1) for update`,
    [tenantId, session],
  )
  await tx.query('delete from refresh_token where tenant_id = $1 and family = $2', [tenantId, session])
  return rows[0] ?? null
}

/**
 * Ends the sessions of an account, including those being opened concurrently; the account must be locked.
 *
 * @param kept the session that goes on; null: none
 */
export async function endSessions(
  tx: Queryable,
  { tenantId, accountId, kept = null }: { tenantId: string; accountId: string; kept?: string | null },
): Promise<void> {
  await tx.query('update account set token_version = token_version + 1 where tenant_id = $1 and id = $2', [
    tenantId,
    accountId,
  ])
  await tx.query(
    'delete from refresh_token where tenant_id = $1 and account_id = $2 and family is distinct from $3::uuid',
    [tenantId, accountId, kept],
  )
}
