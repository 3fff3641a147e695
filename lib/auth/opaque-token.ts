// An opaque token: a prefix that says what it is, the ids of the tenant (so that looking it up stays inside one tenant) and of
// the row, and a secret, of which the database holds only the hash.
import { createHash, randomBytes } from 'node:crypto'
import { parse, stringify } from 'uuid'

const UUID_BYTES = 16

const SECRET_BYTES = 32

export interface OpaqueToken {
  tenantId: string
  id: string
  secret: Buffer
  /** SHA-256 of the secret. */
  hash: Buffer
}

const hashOf = (secret: Buffer): Buffer => createHash('sha256').update(secret).digest()

interface TokenParts {
  tenantId: string
  /** Of the row. */
  id: string
  /** Of 32 bytes; random unless given. */
  secret?: Buffer
}

/** A token for a row: its text for the client, its hash for the row. */
export function createToken(
  prefix: string,
  { tenantId, id, secret = randomBytes(SECRET_BYTES) }: TokenParts,
): { text: string; hash: Buffer } {
  const bytes = Buffer.concat([parse(tenantId), parse(id), secret])
  return { text: prefix + bytes.toString('base64url'), hash: hashOf(secret) }
}

/** Reads a token's text; null when it is none of that prefix. */
export function parseToken(prefix: string, text: string): OpaqueToken | null {
  if (!text.startsWith(prefix)) return null
  const encoded = text.slice(prefix.length)
  const bytes = Buffer.from(encoded, 'base64url')
  // Only one spelling of the bytes is the token.
  if (bytes.length !== 2 * UUID_BYTES + SECRET_BYTES || bytes.toString('base64url') !== encoded) return null
  const secret = bytes.subarray(2 * UUID_BYTES)
  try {
    return {
      tenantId: stringify(bytes.subarray(0, UUID_BYTES)),
      id: stringify(bytes.subarray(UUID_BYTES, 2 * UUID_BYTES)),
      secret,
      hash: hashOf(secret),
    }
  } catch {
    return null
  }
}
