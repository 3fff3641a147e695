// Places in the log as opaque texts: AES-256-GCM under a key derived from SECRET_KEY (HKDF, RFC 5869). What they hold counts the
// changes of all tenants, so nobody can read it, and each is bound to what it was made for: it is worth nothing elsewhere.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deriveKey } from '../secrets/derive-key.ts'

const CIPHER = 'aes-256-gcm'

const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16

/** Characters that a place can have at most. */
const LONGEST = 400

const SEALED = new RegExp(`^[\\w-]{1,${LONGEST}}$`)

const keyOf = (secret: string) => deriveKey(secret, 'places in the log of changes', KEY_BYTES)

export class CursorSeal {
  readonly #keys: readonly Buffer[]

  /** @param previousSecret places under it are good as well */
  constructor(secret: string, previousSecret?: string) {
    this.#keys = [secret, ...(previousSecret === undefined ? [] : [previousSecret])].map(keyOf)
  }

  /** @param bound what the place is in; the same text opens it */
  seal(place: readonly (string | number)[], bound: string): string {
    const iv = randomBytes(IV_BYTES)
    const cipher = createCipheriv(CIPHER, this.#keys[0] as Buffer, iv).setAAD(Buffer.from(bound))
    const text = Buffer.concat([cipher.update(place.join(' ')), cipher.final()])
    return Buffer.concat([iv, text, cipher.getAuthTag()]).toString('base64url')
  }

  /** The parts of a place; undefined when it is none of this, or altered. */
  open(sealed: string, bound: string): string[] | undefined {
    if (!SEALED.test(sealed)) return undefined
    const bytes = Buffer.from(sealed, 'base64url')
    if (bytes.length < IV_BYTES + TAG_BYTES) return undefined
    for (const key of this.#keys) {
      const text = openWith(key, bytes, bound)
      if (text !== undefined) return text.split(' ')
    }
    return undefined
  }
}

function openWith(key: Buffer, bytes: Buffer, bound: string): string | undefined {
  const options = { authTagLength: TAG_BYTES }
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), options)
  decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(-TAG_BYTES))
  const sealed = bytes.subarray(IV_BYTES, -TAG_BYTES)
  try {
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}
