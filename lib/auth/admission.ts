// Whether the caller that a token names may use a route: claims and the route's access in, caller out; 401 or 403.
// It decides on cached metadata, and refuses only when the database has confirmed that the metadata is in force.
import { translateError } from '../errors/translate.ts'
import { errors } from '../errors.ts'
import type { TenantDb } from '../postgres/queryable.ts'
import { isStaleError, retryStale } from '../postgres/retry-stale.ts'
import type { SchemaRegistry } from '../schema/registry.ts'
import type { TenantSnapshot } from '../tenants/tenant.ts'
import { type Account, selectSignedIn, toAccount } from './account-store.ts'
import type { Claims } from './claims.ts'
import { type Access, mayAccess } from './roles.ts'

/** The signed-in account and its tenant's metadata at the epoch under which the request is decided. */
export interface Caller {
  id: string
  username: string
  role: string
  /** The session that the access token belongs to. */
  session: string
  tenant: TenantSnapshot
}

export interface Metadata {
  db: Pick<TenantDb, 'read'>
  registry: Pick<SchemaRegistry, 'tenant' | 'once' | 'isStale' | 'forget'>
}

/** Any refusal but that of too many requests may come from old metadata. */
function isDoubtful(error: unknown): boolean {
  const { status } = translateError(error).kind
  return status < 500 && status !== 429
}

/** Whether a failure comes from metadata that is no longer in force; if so, it is read anew when next needed. */
export async function isOutdated(
  { registry }: Metadata,
  error: unknown,
  tenant: TenantSnapshot,
): Promise<boolean> {
  if (!isStaleError(error)) return isDoubtful(error) && registry.isStale(tenant)
  registry.forget(tenant)
  return true
}

async function findAccount(
  { db, registry }: Metadata,
  tenant: TenantSnapshot,
  { sub, sid }: Claims,
): Promise<Account | null> {
  if (!tenant.active) return null
  return registry.once(tenant, `session:${sub}:${sid}`, async () => {
    const [row] = await db.read(tenant, selectSignedIn(tenant.id, sub, sid))
    return row === undefined ? null : toAccount(row)
  })
}

async function authorize(
  metadata: Metadata,
  tenant: TenantSnapshot,
  claims: Claims,
  access: Access,
): Promise<Caller> {
  const account = await findAccount(metadata, tenant, claims)
  if (account === null) throw errors.unauthenticated()
  if (!mayAccess(account.role, access)) throw errors.forbidden(`the role ${access}`)
  return { id: account.id, username: account.username, role: account.role, session: claims.sid, tenant }
}

/** The caller that the claims name; errors.unauthenticated when they no longer hold, errors.forbidden. */
export async function admit(metadata: Metadata, claims: Claims | null, access: Access): Promise<Caller> {
  if (claims === null) throw errors.unauthenticated()
  let tenant: TenantSnapshot | null = null
  return retryStale(
    async () => {
      tenant = await metadata.registry.tenant(claims.tid)
      if (tenant === null) throw errors.unauthenticated()
      return authorize(metadata, tenant, claims, access)
    },
    (error) => tenant !== null && isOutdated(metadata, error, tenant),
  )
}
