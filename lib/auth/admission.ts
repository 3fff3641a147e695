// Whether the caller that a token or an API key names may use a route: that and the route's access in, caller out; 401
// or 403.
// It decides on cached metadata, and refuses only when the database has confirmed that the metadata is in force.

import { type Access, mayAccess } from '../access/roles.ts'
import { isStaleError, retryStale } from '../db/retry-stale.ts'
import type { TenantDb } from '../db/statement.ts'
import type { TenantSnapshot } from '../db/tenant.ts'
import { translateError } from '../errors/translate.ts'
import { errors } from '../errors.ts'
import type { Clock } from '../process/clock.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'
import { selectSignedIn, toAccount } from './account-store.ts'
import { isValid, selectKey, toStoredKey } from './api-key-store.ts'
import type { SignedIn } from './caller.ts'
import type { Claims } from './claims.ts'
import type { OpaqueToken } from './opaque-token.ts'

/** What a request shows to say who sends it: the claims of an access token, or an API key. */
export type Bearer = Claims | OpaqueToken

export interface Metadata {
  db: Pick<TenantDb, 'readQuick'>
  registry: Pick<SchemaRegistry, 'tenant' | 'cached' | 'isStale' | 'evict'>
  clock: Pick<Clock, 'now'>
}

/** Any refusal but that of too many requests may come from old metadata; that of a quota is one of metadata, too. */
function isDoubtful(error: unknown): boolean {
  const { status, code } = translateError(error).kind
  return status < 500 && (status !== 429 || code === errors.requestQuotaExceeded.kind.code)
}

/** Whether a failure comes from metadata that is no longer in force; if so, it is read anew when next needed. */
export async function isOutdated(
  { registry }: Metadata,
  error: unknown,
  tenant: TenantSnapshot,
): Promise<boolean> {
  if (!isStaleError(error)) return isDoubtful(error) && registry.isStale(tenant)
  registry.evict(tenant)
  return true
}

/** What a visitor is told where a caller who is known would learn that it is not for him. */
export function refusalOfVisitor(error: unknown): unknown {
  const { status, code } = translateError(error).kind
  return status === 403 || code === errors.fileNotFound.kind.code ? errors.unauthenticated() : error
}

type Found = Omit<SignedIn, 'tenant'>

async function findAccount(
  { db, registry }: Metadata,
  tenant: TenantSnapshot,
  { sub, sid }: Claims,
): Promise<Found | null> {
  const account = await registry.cached(tenant, `session:${sub}:${sid}`, async () => {
    const [row] = await db.readQuick(tenant, selectSignedIn(tenant.id, sub, sid))
    return row === undefined ? null : toAccount(row)
  })
  return account === null
    ? null
    : { id: account.id, username: account.username, role: account.role, session: sid }
}

async function findKey(
  { db, registry, clock }: Metadata,
  tenant: TenantSnapshot,
  presented: OpaqueToken,
): Promise<Found | null> {
  const { id } = presented
  const key = await registry.cached(tenant, `key:${id}`, async () => {
    const [row] = await db.readQuick(tenant, selectKey(tenant.id, id))
    return row === undefined ? null : toStoredKey(row)
  })
  if (key === null || !isValid(key, presented, clock.now())) return null
  return { id, username: `key:${key.name}`, role: key.role, session: null }
}

async function authorize(
  metadata: Metadata,
  tenant: TenantSnapshot,
  bearer: Bearer,
  access: Access,
): Promise<SignedIn> {
  if (!tenant.active) throw errors.unauthenticated()
  const found = await ('hash' in bearer
    ? findKey(metadata, tenant, bearer)
    : findAccount(metadata, tenant, bearer))
  if (found === null) throw errors.unauthenticated()
  if (!mayAccess(found.role, access)) throw errors.forbidden(`the role ${access}`)
  return { ...found, tenant }
}

/** The caller that the bearer is; errors.unauthenticated when it no longer holds, errors.forbidden. */
export async function admit(metadata: Metadata, bearer: Bearer | null, access: Access): Promise<SignedIn> {
  if (bearer === null) throw errors.unauthenticated()
  let tenant: TenantSnapshot | null = null
  return retryStale(
    async () => {
      tenant = await metadata.registry.tenant('hash' in bearer ? bearer.tenantId : bearer.tid)
      if (tenant === null) throw errors.unauthenticated()
      return authorize(metadata, tenant, bearer, access)
    },
    (error) => tenant !== null && isOutdated(metadata, error, tenant),
  )
}
