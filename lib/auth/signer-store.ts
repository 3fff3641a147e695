// Who has signed an address that works without a token, and their admission when it is used: as the caller they are by then,
// with the rights that they have by then. Refuses accounts that were disabled or deleted, keys that were deleted or have
// expired, and tenants that are suspended.
import { ANONYMOUS, NOBODY } from '../access/roles.ts'
import { retryStale } from '../db/retry-stale.ts'
import type { TenantSnapshot } from '../db/tenant.ts'
import { errors } from '../errors.ts'
import { selectAccount, toAccount } from './account-store.ts'
import { isOutdated, type Metadata } from './admission.ts'
import { selectKey, toStoredKey } from './api-key-store.ts'
import type { Caller, SignedIn } from './caller.ts'

export const SIGNER_KINDS = ['user', 'key', 'anonymous'] as const

export interface Signer {
  tenantId: string
  kind: (typeof SIGNER_KINDS)[number]
  /** Of the account or the key; NOBODY for callers without a token. */
  id: string
}

/** The caller as a signer. */
export function signerOf({ id, session, tenant }: Caller): Signer {
  const kind = id === null ? 'anonymous' : session === null ? 'key' : 'user'
  return { tenantId: tenant.id, kind, id: id ?? NOBODY }
}

/** The signer as the caller they are now; errors.signatureRevoked. */
export async function admitSigner(metadata: Metadata, signer: Signer): Promise<SignedIn> {
  let tenant: TenantSnapshot | null = null
  return retryStale(
    async () => {
      tenant = await metadata.registry.tenant(signer.tenantId)
      if (!tenant?.active) throw errors.signatureRevoked()
      const found = await FINDERS[signer.kind](metadata, tenant, signer.id)
      if (found === null) throw errors.signatureRevoked()
      return { ...found, id: signer.id, session: null, tenant }
    },
    (error) => tenant !== null && isOutdated(metadata, error, tenant),
  )
}

type Find = (
  metadata: Metadata,
  tenant: TenantSnapshot,
  id: string,
) => Promise<Pick<Caller, 'username' | 'role'> | null>

const FINDERS: Readonly<Record<Signer['kind'], Find>> = {
  user: async ({ db, registry }, tenant, id) => {
    const account = await registry.cached(tenant, `signer:${id}`, async () => {
      const [row] = await db.read(tenant, selectAccount(tenant.id, id))
      return row === undefined ? null : toAccount(row)
    })
    return account?.active ? account : null
  },
  key: async ({ db, registry, clock }, tenant, id) => {
    const key = await registry.cached(tenant, `key:${id}`, async () => {
      const [row] = await db.read(tenant, selectKey(tenant.id, id))
      return row === undefined ? null : toStoredKey(row)
    })
    if (key === null || (key.expiresAt !== null && Date.parse(key.expiresAt) <= clock.now())) return null
    return { username: `key:${key.name}`, role: key.role }
  },
  anonymous: async () => ({ username: ANONYMOUS, role: ANONYMOUS }),
}
