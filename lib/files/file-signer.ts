// Signs addresses of files' contents, which work without a token until they expire, and reads the signatures again. A signature
// has two parts: who signed and until when, sealed by AES-256-GCM so that nobody learns of accounts from an address, and an
// HMAC-SHA-256 that binds this part to one file. Both keys are derived from SECRET_KEY (HKDF, RFC 5869).
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto'
import { parse, stringify } from 'uuid'
import type { Caller } from '../auth/caller.ts'
import { SIGNER_KINDS, type Signer, signerOf } from '../auth/signer-store.ts'
import { errors } from '../errors.ts'
import type { Clock } from '../process/clock.ts'
import { type FileUrls, UNSIGNED_URLS } from '../query/plan/context.ts'

export const SIGNATURE_PARAMETER = 'signature'

const IV_BYTES = 12
const TAG_BYTES = 16
const UUID_BYTES = 16
const TIME_BYTES = 6

/** The block of SHA-256, and the pads of HMAC (RFC 2104). */
const BLOCK_BYTES = 64
const INNER_PAD = 0x36
const OUTER_PAD = 0x5c

const SIGNATURE = /^([\w-]{1,200})\.([0-9a-f]{64})$/

interface Keys {
  seal: Buffer
  mac: Buffer
}

interface Sealed {
  signer: Signer
  /** Seconds since 1970. */
  expiresAt: number
}

export interface Address {
  /** What goes before a path of ours in an address for the client. */
  base: string
  /** Seconds that the address is signed for; undefined: it is not. */
  validity?: number | undefined
}

export interface SignedUrl {
  url: string
  /** ISO 8601, UTC. */
  expiresAt: string
}

function deriveKeys(secret: string): Keys {
  const bytes = Buffer.from(hkdfSync('sha256', secret, '', 'univera signed file addresses', 64))
  return { seal: bytes.subarray(0, 32), mac: bytes.subarray(32) }
}

export class FileSigner {
  readonly #current: Keys
  readonly #accepted: Keys[]
  readonly #clock: Pick<Clock, 'now'>

  /** @param secrets what is signed with, then what signatures are also accepted from */
  constructor([secret, ...previous]: readonly [string, ...string[]], clock: Pick<Clock, 'now'>) {
    this.#current = deriveKeys(secret)
    this.#accepted = [this.#current, ...previous.map(deriveKeys)]
    this.#clock = clock
  }

  /** The address of one file's content, signed by the caller. */
  sign(caller: Caller, fileId: string, { base, validity }: Address & { validity: number }): SignedUrl {
    const { sealed, expiresAt } = this.#seal(caller, validity)
    const mac = createHmac('sha256', keyOf(this.#current, sealed)).update(fileId).digest('hex')
    const { before, after } = urlsUnder(base, sealed)
    return { url: before + fileId + after + mac, expiresAt: new Date(expiresAt * 1000).toISOString() }
  }

  /** The addresses of all files in an answer to the caller; with a validity the database signs them. */
  urls(caller: Caller, { base, validity }: Address): FileUrls {
    if (validity === undefined) return urlsUnder(base)
    const { sealed } = this.#seal(caller, validity)
    const key = keyOf(this.#current, sealed)
    return {
      ...urlsUnder(base, sealed),
      signing: { inner: padded(key, INNER_PAD), outer: padded(key, OUTER_PAD) },
    }
  }

  /** Who signed the address of the file; errors.signatureInvalid, errors.signatureExpired. */
  open(fileId: string, signature: unknown): Signer {
    const [, sealed, mac] = SIGNATURE.exec(String(signature)) ?? []
    if (sealed === undefined || mac === undefined) throw errors.signatureInvalid()
    const content = this.#accepted.map((keys) => unseal(keys, { sealed, mac, fileId })).find((found) => found)
    if (content === undefined) throw errors.signatureInvalid()
    if (content.expiresAt * 1000 <= this.#clock.now()) throw errors.signatureExpired()
    return content.signer
  }

  #seal(caller: Caller, validity: number): { sealed: string; expiresAt: number } {
    const expiresAt = Math.floor(this.#clock.now() / 1000) + validity
    return { sealed: seal(this.#current, { signer: signerOf(caller), expiresAt }), expiresAt }
  }
}

function urlsUnder(base: string, sealed?: string): FileUrls {
  const { before, after } = UNSIGNED_URLS
  const signature = sealed === undefined ? '' : `?${SIGNATURE_PARAMETER}=${sealed}.`
  return { before: base + before, after: after + signature }
}

/** The key of all signatures with this part in front. */
function keyOf({ mac }: Keys, sealed: string): Buffer {
  return createHmac('sha256', mac).update(sealed).digest()
}

/** The key XORed with a pad, in hexadecimal. */
function padded(key: Buffer, pad: number): string {
  const block = Buffer.alloc(BLOCK_BYTES, pad)
  for (const [i, byte] of key.entries()) block[i] = byte ^ pad
  return block.toString('hex')
}

function seal({ seal: key }: Keys, { signer, expiresAt }: Sealed): string {
  const time = Buffer.alloc(TIME_BYTES)
  time.writeUIntBE(expiresAt, 0, TIME_BYTES)
  const kind = Buffer.of(SIGNER_KINDS.indexOf(signer.kind))
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const content = cipher.update(Buffer.concat([kind, time, parse(signer.tenantId), parse(signer.id)]))
  return Buffer.concat([iv, content, cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

interface Presented {
  sealed: string
  mac: string
  fileId: string
}

/** What was sealed; undefined when other keys have signed it, or for another file. */
function unseal(keys: Keys, { sealed, mac, fileId }: Presented): Sealed | undefined {
  const expected = createHmac('sha256', keyOf(keys, sealed)).update(fileId).digest()
  if (!timingSafeEqual(expected, Buffer.from(mac, 'hex'))) return undefined
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', keys.seal, bytes.subarray(0, IV_BYTES))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  const content = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()])
  return parseContent(content)
}

function parseContent(content: Buffer): Sealed | undefined {
  const kind = SIGNER_KINDS[content.readUInt8(0)]
  if (kind === undefined) return undefined
  const ids = content.subarray(1 + TIME_BYTES)
  const [tenantId, id] = [stringify(ids.subarray(0, UUID_BYTES)), stringify(ids.subarray(UUID_BYTES))]
  return { signer: { tenantId, kind, id }, expiresAt: content.readUIntBE(1, TIME_BYTES) }
}
