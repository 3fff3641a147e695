// Keys for single purposes, derived from SECRET_KEY (HKDF, RFC 5869): what is made with one of them is worth nothing for
// another purpose.
import { hkdfSync } from 'node:crypto'

/**
 * @param purpose a text of its own for each use, never changed: other text, other key
 * @param length bytes of the key
 */
export function deriveKey(secret: string, purpose: string, length: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `univera ${purpose}`, length))
}
