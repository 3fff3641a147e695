// A refresh token as the client holds it, and the token that replaces it: its secret follows from that of the replaced one and
// a random salt, so that it can be given again to a client that has lost the answer, and to nobody without the replaced one.
import { createHmac } from 'node:crypto'
import { createToken, type OpaqueToken, parseToken } from './opaque-token.ts'

const PREFIX = 'uvr_'

export type RefreshToken = OpaqueToken

export const createRefreshToken = (tenantId: string, id: string) => createToken(PREFIX, { tenantId, id })

/** The token with that id that replaces another: the same one each time for the same salt. */
export function createSuccessor({ tenantId, secret }: RefreshToken, id: string, salt: Buffer) {
  return createToken(PREFIX, { tenantId, id, secret: createHmac('sha256', secret).update(salt).digest() })
}

export const parseRefreshToken = (text: string): RefreshToken | null => parseToken(PREFIX, text)
