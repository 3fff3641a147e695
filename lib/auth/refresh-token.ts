// A refresh token as the client holds it: opaque text around the tenant's id (so that looking it up stays inside one
// tenant), the row's id and a secret of which the database knows only the hash.
import { createHash, randomBytes } from 'node:crypto'
import { parse, stringify } from 'uuid'

const PREFIX = 'uvr_'
const UUID_BYTES = 16
const SECRET_BYTES = 32

export interface RefreshToken {
  tenantId: string
  id: string
  /** SHA-256 of the secret. */
  hash: Buffer
}

const hashOf = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest()

/** A new token for the row `id`: its text for the client, its hash for the row. */
export function createRefreshToken(tenantId: string, id: string): { text: string; hash: Buffer } {
  const secret = randomBytes(SECRET_BYTES)
  const bytes = Buffer.concat([parse(tenantId), parse(id), secret])
  return { text: PREFIX + bytes.toString('base64url'), hash: hashOf(secret) }
}

/** Reads a token's text; null when it is none. */
export function parseRefreshToken(text: string): RefreshToken | null {
  if (!text.startsWith(PREFIX)) return null
  const encoded = text.slice(PREFIX.length)
  const bytes = Buffer.from(encoded, 'base64url')
  // Only one spelling of the bytes is the token.
  if (bytes.length !== 2 * UUID_BYTES + SECRET_BYTES || bytes.toString('base64url') !== encoded) return null
  try {
    return {
      tenantId: stringify(bytes.subarray(0, UUID_BYTES)),
      id: stringify(bytes.subarray(UUID_BYTES, 2 * UUID_BYTES)),
      hash: hashOf(bytes.subarray(2 * UUID_BYTES)),
    }
  } catch {
    return null
  }
}
