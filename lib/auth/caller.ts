// The authenticated caller of a request, as routes and stores see it.
import type { TenantSnapshot } from '../db/tenant.ts'
import { errors } from '../errors.ts'

/**
 * The signed-in account, the API key or the visitor, and the tenant's metadata at the epoch under which the request is
 * decided.
 */
export interface Caller {
  /** Null: a visitor, who has sent no token. */
  id: string | null
  username: string
  role: string
  /** The session that the access token belongs to; null for an API key and for a visitor. */
  session: string | null
  tenant: TenantSnapshot
}

/** A caller who has shown a token or a key. */
export type SignedIn = Caller & { id: string }

/** The caller of a request to a route that requires one; errors.unauthenticated where there is none. */
export function callerOf({ caller }: { caller: Caller | null }): Caller {
  if (caller === null) throw errors.unauthenticated()
  return caller
}
