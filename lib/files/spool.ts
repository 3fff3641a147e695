// A temporary file for what is too large for memory and is needed once: a body until it is stored, an answer until it is
// sent. Bytes come in at its end and go out from its beginning, as often as need be. It has no name from the moment it is
// open, so whatever becomes of the process nothing is left behind.

import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import type { Reservation } from '../concurrency/tenant-budget.ts'
import { errors } from '../errors.ts'

const OWNER_DIRECTORY = 0o700

const OWNER_FILE = 0o600

const PIECE = 65_536

export class Spool {
  readonly #file: FileHandle
  readonly #share: Reservation
  #size = 0
  #closed: Promise<void> | undefined
  #reading: Promise<unknown> = Promise.resolve()

  private constructor(file: FileHandle, share: Reservation) {
    this.#file = file
    this.#share = share
  }

  /** An empty one; the directory is made if need be. The share is its own from now on. */
  static async open(directory: string, share: Reservation): Promise<Spool> {
    try {
      await mkdir(directory, { recursive: true, mode: OWNER_DIRECTORY })
      const path = join(directory, randomUUID())
      const file = await open(path, 'ax+', OWNER_FILE)
      await rm(path, { force: true }).catch(() => {})
      return new Spool(file, share)
    } catch (error) {
      share.release()
      throw error
    }
  }

  /** Bytes that it holds. */
  get size(): number {
    return this.#size
  }

  /** errors.unavailable when there is no room for it. */
  async append(data: string | Buffer): Promise<void> {
    this.#requireOpen()
    const size = this.#size + Buffer.byteLength(data)
    this.#share.grow(size)
    await this.#use(this.#file.appendFile(data))
    this.#size = size
  }

  /** Empties it. */
  async clear(): Promise<void> {
    this.#requireOpen()
    await this.#use(this.#file.truncate())
    this.#size = 0
  }

  /** Everything in it, from the beginning; errors.unavailable once it is closed. */
  async *pieces(): AsyncGenerator<Buffer> {
    for (let at = 0; ; ) {
      const piece = await this.read(at)
      if (piece.length === 0) return
      at += piece.length
      yield piece
    }
  }

  /** The bytes at a position, as many as make a piece; none at its end. errors.unavailable once it is closed. */
  async read(at: number): Promise<Buffer> {
    this.#requireOpen()
    const { buffer, bytesRead } = await this.#use(this.#file.read(Buffer.alloc(PIECE), 0, PIECE, at))
    return buffer.subarray(0, bytesRead)
  }

  /** Everything in it at once, for what is small enough for memory. */
  async bytes(): Promise<Buffer> {
    const all = Buffer.allocUnsafe(this.#size)
    let at = 0
    for await (const piece of this.pieces()) at += piece.copy(all, at)
    return all
  }

  /** Everything in it, and a few last words that it need not hold. */
  stream(end: string): Readable {
    const { pieces } = this
    const all = async function* all(spool: Spool) {
      yield* pieces.call(spool)
      yield Buffer.from(end)
    }
    return Readable.from(all(this), { objectMode: false, highWaterMark: PIECE })
  }

  /** Lets go of the bytes. */
  close(): Promise<void> {
    this.#closed ??= this.#reading.then(() => this.#file.close()).finally(() => this.#share.release())
    return this.#closed
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw errors.unavailable()
  }

  /** The file is closed only when nothing uses it. */
  #use<T>(work: Promise<T>): Promise<T> {
    this.#reading = work.catch(() => {})
    return work
  }
}
