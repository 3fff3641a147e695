// Bytes of unknown number become one object. They are gathered in a temporary file, so that however slowly however many
// clients send, they take no memory; what is gathered is read into it only while S3 takes it, in turns. Up to one part is
// stored by one request, more than that in parts.

import type { Spool } from '../spool.ts'
import { putObject } from './bucket.ts'
import type { S3Connection } from './connection.ts'
import { Multipart } from './multipart.ts'

export interface UploadContext {
  s3: S3Connection
  partSize: number
  spool: Spool
  /** Runs what holds a part in memory; errors.unavailable when its turn does not come in time. */
  inTurn: (work: () => Promise<void>) => Promise<void>
}

export class Upload {
  readonly #context: UploadContext
  readonly #name: string
  #multipart: Multipart | undefined

  constructor(context: UploadContext, name: string) {
    this.#context = context
    this.#name = name
  }

  /** Stores all of the chunks; errors.unavailable. */
  async store(chunks: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of chunks) await this.#gather(chunk)
    if (this.#multipart === undefined) return this.#sendWhole()
    await this.#sendPart(this.#multipart)
    await this.#multipart.complete()
  }

  /** Leaves nothing of the parts that were sent. */
  async abort(): Promise<void> {
    await this.#multipart?.abort()
  }

  /** Lets go of what is gathered. */
  close(): Promise<void> {
    return this.#context.spool.close()
  }

  async #gather(chunk: Buffer): Promise<void> {
    const { s3, partSize, spool } = this.#context
    for (let rest = chunk; rest.length > 0; ) {
      if (spool.size === partSize) {
        this.#multipart ??= await Multipart.begin(s3, this.#name)
        await this.#sendPart(this.#multipart)
      }
      const piece = rest.subarray(0, partSize - spool.size)
      await spool.append(piece)
      rest = rest.subarray(piece.length)
    }
  }

  #sendWhole(): Promise<void> {
    const { s3, spool, inTurn } = this.#context
    return inTurn(async () => putObject(s3, this.#name, await spool.bytes()))
  }

  async #sendPart(multipart: Multipart): Promise<void> {
    const { spool, inTurn } = this.#context
    await inTurn(async () => multipart.add(await spool.bytes()))
    await spool.clear()
  }
}
