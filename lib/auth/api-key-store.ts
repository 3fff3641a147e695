// API keys in the database: their rows in and out. A key stands for a role of its tenant and for no user; its secret is stored
// as a hash, so that its text exists only when the key is made.
import { timingSafeEqual } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { column, columns, oneRow, orNull } from '../db/columns.ts'
import type { Queryable, Statement, Transaction } from '../db/statement.ts'
import { errors } from '../errors.ts'
import { createToken, type OpaqueToken, parseToken } from './opaque-token.ts'

export interface ApiKey {
  id: string
  name: string
  role: string
  createdBy: string | null
  /** ISO 8601, UTC; so are the others. */
  createdAt: string
  expiresAt: string | null
  lastUsedAt: string | null
}

/** A key with the hash of its secret, for admission. */
export interface StoredKey extends ApiKey {
  hash: Buffer
}

export interface NewKey {
  name: string
  role: string
  /** ISO 8601; null or absent: the key does not expire. */
  expiresAt?: string | null | undefined
}

/** What the text of every key begins with. */
export const KEY_PREFIX = 'uvk_'

const keyColumns = {
  id: column.text('id'),
  name: column.text('name'),
  role: column.text('role'),
  createdBy: orNull(column.text('created_by')),
  createdAt: column.timestamp('created_at'),
  expiresAt: orNull(column.timestamp('expires_at')),
  lastUsedAt: orNull(column.timestamp('last_used_at')),
}

const KEY = columns<ApiKey>(keyColumns)

const STORED_KEY = columns<StoredKey>({ ...keyColumns, hash: column.bytes('token_hash') })

export const toKey = KEY.decode

export const toStoredKey = STORED_KEY.decode

/** Parses a bearer token as an API key; null when it is something else. */
export const parseApiKey = (text: string): OpaqueToken | null => parseToken(KEY_PREFIX, text)

/** The keys of a tenant, oldest first. */
export const selectKeys = (tenantId: string, limit: number, offset: number): Statement => ({
  text: `select ${KEY.list} from api_key where tenant_id = $1 order by api_key.id limit $2 offset $3`,
  values: [tenantId, limit, offset],
})

export const selectKey = (tenantId: string, id: string): Statement => ({
  text: `select ${STORED_KEY.list} from api_key where tenant_id = $1 and id = $2`,
  values: [tenantId, id],
  cost: 'row',
})

/** Sets when a key was last used to now. */
export const touchKey = (tenantId: string, id: string): Statement => ({
  text: 'update api_key set last_used_at = now() where tenant_id = $1 and id = $2',
  values: [tenantId, id],
})

/** Whether the presented secret is the key's. */
export function isOfKey(key: StoredKey, presented: OpaqueToken): boolean {
  return timingSafeEqual(key.hash, presented.hash)
}

/** Whether the key has expired at a time in milliseconds since 1970. */
export function hasExpired({ expiresAt }: ApiKey, now: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= now
}

/** Stores a new key of the tenant; `text` is what its holder sends. */
export async function insertKey(
  tx: Transaction,
  tenantId: string,
  { name, role, expiresAt, createdBy }: NewKey & { createdBy: string | null },
): Promise<{ key: ApiKey; text: string }> {
  const id = uuid()
  const { text, hash } = createToken(KEY_PREFIX, { tenantId, id })
  const rows = await tx.read({
    text: `insert into api_key (tenant_id, id, name, role, token_hash, created_by, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7) returning ${KEY.list}`,
    values: [tenantId, id, name, role, hash, createdBy, expiresAt ?? null],
  })
  return { key: toKey(oneRow(rows)), text }
}

/** Deletes a key and returns its name; errors.keyNotFound. */
export async function deleteKey(tx: Queryable, tenantId: string, id: string): Promise<string> {
  const text = 'delete from api_key where tenant_id = $1 and id = $2 returning name'
  const { rows } = await tx.query<{ name: string }>(text, [tenantId, id])
  if (rows[0] === undefined) throw errors.keyNotFound()
  return rows[0].name
}

/** The number of keys that a user has made and that exist; keys belong to the tenant and outlive the user. */
export async function countKeysOf(tx: Queryable, tenantId: string, userId: string): Promise<number> {
  const text = 'select count(*)::int as n from api_key where tenant_id = $1 and created_by = $2'
  const { rows } = await tx.query<{ n: number }>(text, [tenantId, userId])
  return rows[0]?.n ?? 0
}
