// The version of a record as a text that shows whether it is another one, and not which: a CBC-MAC (AES-128) of the record
// and its version. The version is in its last block, so that the holder of the key can take it out again.
import { type Cipher, createCipheriv, createDecipheriv, type Decipher } from 'node:crypto'

/** A record among those of all tenants. */
export interface SealedRecord {
  entityId: number
  id: string
}

/** Bytes of an AES-128 key. */
export const SEAL_KEY_LENGTH = 16

/** Characters of a seal, in base64url: one block. */
export const SEAL_LENGTH = 22

const BLOCK = 16

export class VersionSeal {
  // Each block is a message of its own in ECB mode, so one cipher serves for all: making one costs more than its use.
  readonly #cipher: Cipher
  readonly #decipher: Decipher

  /** @param key SEAL_KEY_LENGTH bytes */
  constructor(key: Buffer) {
    this.#cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false)
    this.#decipher = createDecipheriv('aes-128-ecb', key, null).setAutoPadding(false)
  }

  /** The seal of a version; about 2 µs. */
  seal(record: SealedRecord, version: number): string {
    const block = this.#maskOf(record)
    block.writeUInt32BE((block.readUInt32BE(0) ^ version) >>> 0, 0)
    return this.#cipher.update(block).toString('base64url')
  }

  /** The version in a seal; undefined when it is not of this record and key. */
  open(record: SealedRecord, seal: string): number | undefined {
    const sealed = Buffer.from(seal, 'base64url')
    if (sealed.length !== BLOCK) return undefined
    const block = this.#decipher.update(sealed)
    const mask = this.#maskOf(record)
    if (!block.subarray(4).equals(mask.subarray(4))) return undefined
    return (block.readUInt32BE(0) ^ mask.readUInt32BE(0)) >>> 0
  }

  /** The block of the record, to be mixed with the version. */
  #maskOf({ entityId, id }: SealedRecord): Buffer {
    const block = this.#cipher.update(Buffer.from(id.replaceAll('-', ''), 'hex'))
    block.writeUInt32BE((block.readUInt32BE(4) ^ entityId) >>> 0, 4)
    return block
  }
}
