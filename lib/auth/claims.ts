// The claims of an access token: the account that signed in, its tenant and the session. Rights are not among them: those
// are read from the account, so a change of them is in force at once.
import { validate } from 'uuid'

export interface Claims {
  /** The account. */
  sub: string
  /** The tenant. */
  tid: string
  /** The session: the family of refresh tokens that the access token belongs to. */
  sid: string
  /** Seconds since 1970. */
  exp: number
}

const isId = (value: unknown): value is string => typeof value === 'string' && validate(value)

/** The claims of a verified payload; null when it is no access token of ours. */
export function toClaims(payload: unknown): Claims | null {
  if (typeof payload !== 'object' || payload === null) return null
  const { sub, tid, sid, exp } = payload as Record<string, unknown>
  return isId(sub) && isId(tid) && isId(sid) && typeof exp === 'number' ? { sub, tid, sid, exp } : null
}

/** False for a second spelling of a signature: base64url ignores the last bits of its last character, we do not. */
export function isCanonical(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1)
  return Buffer.from(signature, 'base64url').toString('base64url') === signature
}
