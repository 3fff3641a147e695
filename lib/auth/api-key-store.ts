// API keys in the database. A key stands for a role of its tenant and for no user; its text is shown once, when it is
// made. Refuses the role operator, for whoever asks, and a key that would be expired from the start.
import { timingSafeEqual } from 'node:crypto'
import { v7 as uuid } from 'uuid'
import { recordAudit } from '../audit/audit-store.ts'
import type { Queryable, Statement, TextRow } from '../db/statement.ts'
import { toIsoTimestamp } from '../db/timestamp.ts'
import { errors } from '../errors.ts'
import type { Caller } from './caller.ts'
import { createToken, type OpaqueToken, parseToken } from './opaque-token.ts'
import { requireKnownRole } from './role-store.ts'

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

/** A key with what admission needs to know. */
export interface StoredKey extends ApiKey {
  hash: Buffer
}

export interface NewKey {
  name: string
  role: string
  expires_at?: string | null
}

const PREFIX = 'uvk_'

const COLUMNS =
  'id::text, name, role, created_by::text, created_at::text, expires_at::text, last_used_at::text'

/** The key that a bearer token's text is; null when it is something else. */
export const parseApiKey = (text: string): OpaqueToken | null => parseToken(PREFIX, text)

/** The keys of a tenant, oldest first. */
export const selectKeys = (tenantId: string, limit: number, offset: number): Statement => ({
  text: `select ${COLUMNS} from api_key where tenant_id = $1 order by api_key.id limit $2 offset $3`,
  values: [tenantId, limit, offset],
})

export const selectKey = (tenantId: string, id: string): Statement => ({
  text: `select ${COLUMNS}, encode(token_hash, 'hex') from api_key where tenant_id = $1 and id = $2`,
  values: [tenantId, id],
})

/** Notes that a key is in use. */
export const touchKey = (tenantId: string, id: string): Statement => ({
  text: 'update api_key set last_used_at = now() where tenant_id = $1 and id = $2',
  values: [tenantId, id],
})

const isoOrNull = (text: string | null) => (text ? toIsoTimestamp(text) : null)

export function toKey(row: TextRow): ApiKey {
  const [id, name, role, createdBy, createdAt, expiresAt, lastUsedAt] = row as [
    string,
    string,
    string,
    string | null,
    string,
    string | null,
    string | null,
  ]
  return {
    id,
    name,
    role,
    createdBy,
    createdAt: toIsoTimestamp(createdAt),
    expiresAt: isoOrNull(expiresAt),
    lastUsedAt: isoOrNull(lastUsedAt),
  }
}

export function toStoredKey(row: TextRow): StoredKey {
  return { ...toKey(row), hash: Buffer.from(row[7] as string, 'hex') }
}

/** Whether the secret presented is the key's, and the key is still good at a time in milliseconds since 1970. */
export function isValid(key: StoredKey, presented: OpaqueToken, now: number): boolean {
  if (key.expiresAt !== null && Date.parse(key.expiresAt) <= now) return false
  return timingSafeEqual(key.hash, presented.hash)
}

async function checkNewKey(tx: Queryable, tenantId: string, { role, expires_at }: NewKey): Promise<void> {
  if (role === 'operator')
    throw errors.invalidBody([
      { pointer: '/role', keyword: 'enum', message: 'must be another: no key is an operator' },
    ])
  await requireKnownRole(tx, tenantId, role)
  if (expires_at && Date.parse(expires_at) <= Date.now())
    throw errors.invalidBody([{ pointer: '/expires_at', keyword: 'min', message: 'must be in the future' }])
}

/** Makes a key of the caller's tenant; `text` is what its holder sends. errors.invalidBody. */
export async function createKey(
  tx: Queryable,
  caller: Caller,
  wanted: NewKey,
): Promise<{ key: ApiKey; text: string }> {
  const { id: createdBy, tenant } = caller
  await checkNewKey(tx, tenant.id, wanted)
  const id = uuid()
  const { text, hash } = createToken(PREFIX, tenant.id, id)
  const { name, role, expires_at: expiresAt } = wanted
  const { rows } = await tx.query<{ row: TextRow }>(
    `insert into api_key (tenant_id, id, name, role, token_hash, created_by, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7) returning array[${COLUMNS}] as row`,
    [tenant.id, id, name, role, hash, createdBy, expiresAt ?? null],
  )
  await recordAudit(tx, caller, { action: 'key.create', target: id, details: { name, role } })
  return { key: toKey(rows[0]?.row as TextRow), text }
}

/** Ends a key; errors.keyNotFound. */
export async function deleteKey(tx: Queryable, caller: Caller, id: string): Promise<void> {
  const text = 'delete from api_key where tenant_id = $1 and id = $2 returning name'
  const { rows } = await tx.query<{ name: string }>(text, [caller.tenant.id, id])
  if (rows[0] === undefined) throw errors.keyNotFound()
  await recordAudit(tx, caller, { action: 'key.delete', target: id, details: rows[0] })
}

/** How many keys a user has made that are there still; they belong to the tenant and stay when he goes. */
export async function countKeysOf(tx: Queryable, tenantId: string, userId: string): Promise<number> {
  const text = 'select count(*)::int as n from api_key where tenant_id = $1 and created_by = $2'
  const { rows } = await tx.query<{ n: number }>(text, [tenantId, userId])
  return rows[0]?.n ?? 0
}
