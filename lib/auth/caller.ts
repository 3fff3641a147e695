// The authenticated caller of a request, as routes and stores see it.
import type { TenantSnapshot } from '../db/tenant.ts'

/**
 * The signed-in account, the API key or the visitor, and the tenant's metadata at the epoch under which the request is
 * decided.
 */
export interface Caller {
  /** Null: nobody, who has sent no token. */
  id: string | null
  username: string
  role: string
  /** The session that the access token belongs to; null for an API key and for a visitor. */
  session: string | null
  tenant: TenantSnapshot
}

/** A caller who has shown a token or a key. */
export type SignedIn = Caller & { id: string }
