// The S3 driver of BlobStorage: `<tenant>/<id>` for blobs and `pending/<tenant>.<id>` for notes, in a bucket of its own.
// An object appears whole or not at all, so a blob that was acknowledged is there. Whatever S3 fails at is
// errors.unavailable, and leaves the note for the sweep: nobody knows what S3 has made of the request.
import { pipeline as connect, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pLimit from 'p-limit'
import { keyOfNote, noteName, tenantName } from '../blob-names.ts'
import type { ByteRange } from '../byte-range.ts'
import { IdleTimeout } from '../idle-timeout.ts'
import { Meter } from '../meter.ts'
import type { BlobKey, BlobStorage, StoredBlob } from '../storage.ts'
import { getObject, listObjects, putObject, removeObject } from './bucket.ts'
import { checkBucket } from './check.ts'
import { isS3Failure, S3Connection, type S3Settings } from './connection.ts'
import { abortUnfinished } from './multipart.ts'
import type { Upload } from './upload.ts'
import { type UploadLimits, Uploads } from './uploads.ts'

const PENDING = 'pending/'

/** Objects that are removed at the same time. */
const REMOVALS = 16

const namesOf = (key: BlobKey) => ({ note: PENDING + noteName(key), blob: `${key.tenantId}/${key.fileId}` })

export class S3Storage implements BlobStorage {
  readonly #s3: S3Connection
  readonly #uploads: Uploads

  constructor(settings: S3Settings, limits: UploadLimits) {
    this.#s3 = new S3Connection(settings)
    this.#uploads = new Uploads(this.#s3, limits)
  }

  /** StartError when the bucket cannot be worked in, or is not heard of within `patience` milliseconds. */
  check(patience?: number): Promise<void> {
    return checkBucket(this.#s3, PENDING, patience)
  }

  close(): void {
    this.#s3.close()
  }

  async put(key: BlobKey, source: Readable, limit: number): Promise<StoredBlob> {
    // It may break before the pipeline listens; the pipeline sees that.
    source.once('error', () => {})
    try {
      const upload = await this.#uploads.open(key.tenantId, namesOf(key).blob)
      return await this.#receive(key, [source, new Meter(limit)], upload).finally(() => upload.close())
    } finally {
      source.destroy()
    }
  }

  async #receive(key: BlobKey, [source, meter]: [Readable, Meter], upload: Upload): Promise<StoredBlob> {
    await this.markPending(key)
    let storing: Promise<void> | undefined
    try {
      await pipeline(source, meter, (chunks) => {
        storing = upload.store(chunks)
        return storing
      })
      return meter.result()
    } catch (error) {
      // Until it has ended it may still be sending a part.
      await storing?.catch(() => {})
      await this.#undo(key, upload, error).catch(() => {})
      throw error
    }
  }

  /** Whatever S3 has failed at may have been done all the same: then the note stays. */
  async #undo(key: BlobKey, upload: Upload, reason: unknown): Promise<void> {
    await upload.abort()
    if (!isS3Failure(reason)) await this.clearPending(key)
  }

  async open(key: BlobKey, range?: ByteRange): Promise<Readable | null> {
    const bytes = await getObject(this.#s3, namesOf(key).blob, range)
    // Destroying the stream ends the connection to S3, too.
    return bytes && connect(bytes, new IdleTimeout(this.#s3.patience), () => {})
  }

  async markPending(key: BlobKey): Promise<void> {
    await putObject(this.#s3, namesOf(key).note, Buffer.alloc(0))
  }

  async clearPending(key: BlobKey): Promise<void> {
    await removeObject(this.#s3, namesOf(key).note)
  }

  async remove(key: BlobKey): Promise<void> {
    await removeObject(this.#s3, namesOf(key).blob)
    await this.clearPending(key)
  }

  async removeTenant(tenantId: string): Promise<void> {
    const prefix = `${tenantName(tenantId)}/`
    const inTurn = pLimit(REMOVALS)
    for await (const objects of listObjects(this.#s3, prefix))
      await inTurn.map(objects, ({ name }) => removeObject(this.#s3, name))
    await abortUnfinished(this.#s3, prefix)
  }

  /** By age alone: another host may have this one's name, so nobody knows which writer is gone. */
  async sweep(before: Date, isWanted: (key: BlobKey) => Promise<boolean>): Promise<number> {
    let done = 0
    for await (const notes of listObjects(this.#s3, PENDING)) {
      for (const { name, modified } of notes) {
        const key = keyOfNote(name.slice(PENDING.length))
        if (key === undefined || modified >= before) continue
        if (await isWanted(key)) await this.clearPending(key)
        else await this.#removeAll(key)
        done++
      }
    }
    return done
  }

  async #removeAll(key: BlobKey): Promise<void> {
    await abortUnfinished(this.#s3, namesOf(key).blob)
    await this.remove(key)
  }
}
