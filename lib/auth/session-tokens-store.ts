// The life of a session after signing in: renewed with its refresh token, ended by its owner or by the reuse of a token, which
// shows that it was stolen.

import { recordAudit } from '../audit/audit-store.ts'
import { errors } from '../errors.ts'
import { selectSignedIn } from './account-store.ts'
import type { Claims } from './claims.ts'
import { type AuthContext, withTenant } from './context.ts'
import { parseRefreshToken } from './refresh-token.ts'
import { endSession, renewSession, type Session, selectSessionOfToken } from './session-store.ts'

/** Ends a session on every instance from the next request on, and records the reason and the address. */
async function end(
  context: AuthContext,
  { tenantId, session }: { tenantId: string; session: string },
  event: { action: 'session.end' | 'session.reuse'; details: { address: string } },
): Promise<void> {
  await withTenant(
    context,
    (directory) => directory.tenantById(tenantId),
    (tenant) =>
      context.db.transaction(tenant, 'metadata', async (tx) => {
        const owner = await endSession(tx, tenantId, session)
        if (owner !== null) await recordAudit(tx, { ...owner, tenant }, event)
      }),
  )
}

const signOut = (address: string) => ({ action: 'session.end', details: { address } }) as const

/** Replaces a refresh token, or ends the session of one that was used before; errors.invalidRefreshToken. */
export async function refresh(context: AuthContext, text: string, address: string): Promise<Session> {
  const token = parseRefreshToken(text)
  if (token === null) throw errors.invalidRefreshToken()
  const { db, refreshTtl } = context
  const renewal = await withTenant(
    context,
    (directory) => directory.tenantById(token.tenantId),
    (tenant) => db.transaction(tenant, [], (tx) => renewSession(tx, token, refreshTtl)),
  )
  if (renewal !== null && 'session' in renewal) return renewal.session
  if (renewal !== null) {
    const { tenantId } = token
    await end(
      context,
      { tenantId, session: renewal.reused },
      { action: 'session.reuse', details: { address } },
    )
  }
  throw errors.invalidRefreshToken()
}

/** Ends the session of a refresh token, used or not; an unknown token is not an error (RFC 7009, section 2.2). */
export async function revokeRefreshToken(context: AuthContext, text: string, address: string): Promise<void> {
  const token = parseRefreshToken(text)
  if (token === null) return
  const { db } = context
  const rows = await withTenant(
    context,
    (directory) => directory.tenantById(token.tenantId),
    (tenant) => db.read(tenant, selectSessionOfToken(token)),
  )
  const session = rows?.[0]?.[0]
  if (typeof session === 'string') await end(context, { tenantId: token.tenantId, session }, signOut(address))
}

/** Ends the session of an access token, unless it has ended. */
export async function revokeClaims(
  context: AuthContext,
  { sub, tid, sid }: Claims,
  address: string,
): Promise<void> {
  const { db } = context
  const rows = await withTenant(
    context,
    (directory) => directory.tenantById(tid),
    (tenant) => db.read(tenant, selectSignedIn(tid, sub, sid)),
  )
  if (rows?.length === 1) await end(context, { tenantId: tid, session: sid }, signOut(address))
}
