// Admits the caller that an access token or an API key names to a route, by the route's access; refuses with 401 or 403.
// Decides on cached metadata, and refuses only when the database has confirmed that the metadata is in force.

import { type Access, mayAccess } from '../access/roles.ts'
import { isStaleError, retryStale } from '../db/retry-stale.ts'
import type { TenantDb } from '../db/statement.ts'
import type { TenantSnapshot } from '../db/tenant.ts'
import { Problem } from '../errors/problem.ts'
import { translateError } from '../errors/translate.ts'
import { errors } from '../errors.ts'
import type { Clock } from '../process/clock.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'
import { selectSignedIn, toAccount } from './account-store.ts'
import { hasExpired, isOfKey, selectKey, toStoredKey } from './api-key-store.ts'
import type { SignedIn } from './caller.ts'
import type { Claims } from './claims.ts'
import type { OpaqueToken } from './opaque-token.ts'

/** What a request shows of its sender: the claims of an access token, or an API key. */
export type Bearer = Claims | OpaqueToken

export interface Metadata {
  db: Pick<TenantDb, 'read'>
  registry: Pick<SchemaRegistry, 'tenant' | 'cached' | 'isStale' | 'evict'>
  clock: Pick<Clock, 'now'>
}

/** `id` null: it is not known who it is. */
export interface RefusedCaller {
  id: string | null
  tenant: { name: string }
}

type Found = Omit<SignedIn, 'tenant'>

/** The token of an Authorization header (RFC 6750, 2.1); null when it holds none. */
export function bearerToken(header: string | undefined): string | null {
  return /^Bearer +([\w.~+/-]+=*) *$/i.exec(header ?? '')?.[1] ?? null
}

/** For the log: the caller whom `admit` has recognized and refused, or who has failed to sign in; undefined: it is neither. */
export function refusedCaller(error: unknown): RefusedCaller | undefined {
  return error instanceof Problem && 'caller' in error ? (error.caller as RefusedCaller) : undefined
}

/** The caller that the bearer is; errors.unauthenticated when it no longer holds, errors.forbidden. */
export async function admit(metadata: Metadata, bearer: Bearer | null, access: Access): Promise<SignedIn> {
  if (bearer === null) throw errors.unauthenticated()
  let tenant: TenantSnapshot | null = null
  return retryStale(
    async () => {
      tenant = await metadata.registry.tenant('hash' in bearer ? bearer.tenantId : bearer.tid)
      if (!tenant?.active) throw errors.unauthenticated()
      const found = await ('hash' in bearer
        ? findKey(metadata, tenant, bearer)
        : findAccount(metadata, tenant, bearer))
      if (found === null) throw errors.unauthenticated()
      const caller = { ...found, tenant }
      if (!mayAccess(found.role, access))
        throw Object.assign(errors.forbidden(`the role ${access}`), { caller })
      return caller
    },
    (error) => tenant !== null && isOutdated(metadata, error, tenant),
  )
}

async function findAccount(
  { db, registry }: Metadata,
  tenant: TenantSnapshot,
  { sub, sid }: Claims,
): Promise<Found | null> {
  const account = await registry.cached(tenant, `session:${sub}:${sid}`, async () => {
    const [row] = await db.read(tenant, selectSignedIn(tenant.id, sub, sid))
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
    const [row] = await db.read(tenant, selectKey(tenant.id, id))
    return row === undefined ? null : toStoredKey(row)
  })
  if (key === null || !isOfKey(key, presented)) return null
  if (hasExpired(key, clock.now())) throw errors.unauthenticated('The API key has expired.')
  return { id, username: `key:${key.name}`, role: key.role, session: null }
}

/** Whether a failure comes from metadata that is no longer in force; if so, it is read again when next needed. */
export async function isOutdated(
  { registry }: Metadata,
  error: unknown,
  tenant: TenantSnapshot,
): Promise<boolean> {
  if (!isStaleError(error)) return isDoubtful(error) && registry.isStale(tenant)
  registry.evict(tenant)
  return true
}

/** Any refusal but that of too many requests may come from old metadata; that of a quota is one of metadata, too. */
function isDoubtful(error: unknown): boolean {
  const { status, code } = translateError(error).kind
  return status < 500 && (status !== 429 || code === errors.requestQuotaExceeded.kind.code)
}

/** The refusal of a visitor: 401 where a known caller would get 403, or learn that a file exists. */
export function refusalOfVisitor(error: unknown): unknown {
  const { status, code } = translateError(error).kind
  return status === 403 || code === errors.fileNotFound.kind.code ? errors.unauthenticated() : error
}
