// A stream that lets bytes through while it counts and hashes them and keeps the first; fails past a limit.

import { createHash } from 'node:crypto'
import { Transform, type TransformCallback } from 'node:stream'
import { errors } from '../errors.ts'
import { HEAD_BYTES } from './content-type.ts'
import type { StoredBlob } from './storage.ts'

export class Meter extends Transform {
  readonly #limit: number
  readonly #hash = createHash('sha256')
  readonly #head: Buffer[] = []
  readonly #take: (size: number) => void
  #size = 0

  /**
   * @param limit most bytes; errors.fileTooLarge beyond
   * @param take called with the size of each chunk before it is let through; what it throws fails the stream
   */
  constructor(limit: number, take: (size: number) => void = () => {}) {
    super()
    this.#limit = limit
    this.#take = take
  }

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    if (this.#size < HEAD_BYTES) this.#head.push(chunk.subarray(0, HEAD_BYTES - this.#size))
    this.#size += chunk.length
    if (this.#size > this.#limit) {
      done(errors.fileTooLarge(this.#limit))
      return
    }
    try {
      this.#take(chunk.length)
    } catch (error) {
      done(error as Error)
      return
    }
    this.#hash.update(chunk)
    done(null, chunk)
  }

  /** What went through; call once, after the end. */
  result(): StoredBlob {
    return { size: this.#size, sha256: this.#hash.digest('hex'), head: Buffer.concat(this.#head) }
  }
}
