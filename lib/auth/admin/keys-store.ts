// The API keys of a tenant, as its admins manage them. A change is one transaction, its audit entry included. Refuses the
// role operator to every key, a key that has expired from the start, and keys made by keys: revoking a key ends what it can
// do.
import { recordAudit } from '../../audit/audit-store.ts'
import type { RowRange } from '../../db/row-range.ts'
import type { TenantScope } from '../../db/scope.ts'
import type { Queryable, TenantDb } from '../../db/statement.ts'
import { errors } from '../../errors.ts'
import {
  type ApiKey,
  deleteKey,
  insertKey,
  type NewKey,
  selectKey,
  selectKeys,
  toKey,
} from '../api-key-store.ts'
import type { Caller } from '../caller.ts'
import { requireKnownRole } from '../role-store.ts'
import { refuseOperatorRole } from './operator-role.ts'

/** The keys of a tenant, oldest first. */
export async function listKeys(
  db: TenantDb,
  tenant: TenantScope,
  { limit, offset }: RowRange,
): Promise<ApiKey[]> {
  const rows = await db.read(tenant, selectKeys(tenant.id, limit, offset))
  return rows.map((row) => toKey(row))
}

/** One key of a tenant, without its secret; errors.keyNotFound. */
export async function findKey(db: TenantDb, tenant: TenantScope, id: string): Promise<ApiKey> {
  const [row] = await db.read(tenant, selectKey(tenant.id, id))
  if (row === undefined) throw errors.keyNotFound()
  return toKey(row)
}

/**
 * Makes a key of the caller's tenant; errors.forbidden, errors.invalidBody.
 *
 * @returns the key and the text that its holder sends, which is not stored
 */
export function createKey(
  db: TenantDb,
  caller: Caller,
  wanted: NewKey,
): Promise<{ key: ApiKey; text: string }> {
  const { tenant } = caller
  if (caller.session === null) return Promise.reject(errors.forbidden('a user; an API key makes no API keys'))
  return db.transaction(tenant, 'metadata', async (tx) => {
    refuseOperatorRole(caller, wanted.role)
    await checkNewKey(tx, tenant.id, wanted)
    const { name, role } = wanted
    const made = await insertKey(tx, tenant.id, { ...wanted, createdBy: caller.id })
    await recordAudit(tx, caller, { action: 'key.create', target: made.key.id, details: { name, role } })
    return made
  })
}

async function checkNewKey(tx: Queryable, tenantId: string, { role, expiresAt }: NewKey): Promise<void> {
  if (role === 'operator')
    throw errors.invalidBody([
      { pointer: '/role', keyword: 'enum', message: 'must not be operator, which no API key can have' },
    ])
  await requireKnownRole(tx, tenantId, role)
  if (expiresAt && Date.parse(expiresAt) <= Date.now())
    throw errors.invalidBody([{ pointer: '/expires_at', keyword: 'min', message: 'must be in the future' }])
}

/** Revokes a key of the caller's tenant; errors.keyNotFound. */
export function removeKey(db: TenantDb, caller: Caller, id: string): Promise<void> {
  const { tenant } = caller
  return db.transaction(tenant, 'metadata', async (tx) => {
    const name = await deleteKey(tx, tenant.id, id)
    await recordAudit(tx, caller, { action: 'key.delete', target: id, details: { name } })
  })
}
