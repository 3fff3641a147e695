// A refresh token as the client holds it.
import { createToken, type OpaqueToken, parseToken } from './opaque-token.ts'

const PREFIX = 'uvr_'

export type RefreshToken = OpaqueToken

export const createRefreshToken = (tenantId: string, id: string) => createToken(PREFIX, tenantId, id)

export const parseRefreshToken = (text: string): RefreshToken | null => parseToken(PREFIX, text)
