// An object that is sent in parts: nothing of it can be read until all of them are there and it is completed. What is
// begun and neither completed nor aborted stays, unseen and paid for; `abortUnfinished` finds it.
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { OPAQUE, transferOf } from './bucket.ts'
import { isRefusal, type S3Connection } from './connection.ts'

/** Milliseconds that S3 may take to look at each part again. */
const LOOK = 50

export class Multipart {
  readonly #s3: S3Connection
  readonly #target: { Bucket: string; Key: string; UploadId: string }
  readonly #parts: { PartNumber: number; ETag: string | undefined }[] = []

  private constructor(s3: S3Connection, name: string, id: string) {
    this.#s3 = s3
    this.#target = { Bucket: s3.bucket, Key: name, UploadId: id }
  }

  static async begin(s3: S3Connection, name: string): Promise<Multipart> {
    const command = new CreateMultipartUploadCommand({ Bucket: s3.bucket, Key: name, ContentType: OPAQUE })
    const { UploadId = '' } = await s3.request((client, options) => client.send(command, options))
    return new Multipart(s3, name, UploadId)
  }

  /** Sends the next part. */
  async add(bytes: Buffer): Promise<void> {
    const PartNumber = this.#parts.length + 1
    const command = new UploadPartCommand({ ...this.#target, PartNumber, Body: bytes })
    const { ETag } = await this.#s3.request(
      (client, options) => client.send(command, options),
      transferOf(bytes),
    )
    this.#parts.push({ PartNumber, ETag })
  }

  async complete(): Promise<void> {
    const MultipartUpload = { Parts: this.#parts }
    const command = new CompleteMultipartUploadCommand({ ...this.#target, MultipartUpload })
    const extra = this.#parts.length * LOOK
    await this.#s3.request((client, options) => client.send(command, options), extra)
  }

  async abort(): Promise<void> {
    const { Key, UploadId } = this.#target
    await abortUpload(this.#s3, Key, UploadId)
  }
}

async function abortUpload(s3: S3Connection, name: string, id: string): Promise<void> {
  const command = new AbortMultipartUploadCommand({ Bucket: s3.bucket, Key: name, UploadId: id })
  try {
    await s3.request((client, options) => client.send(command, options))
  } catch (error) {
    if (!isRefusal(error, 'NoSuchUpload')) throw error
  }
}

/** Aborts what was begun under names that begin so. */
export async function abortUnfinished(s3: S3Connection, prefix: string): Promise<void> {
  let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {}
  while (next !== undefined) {
    const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
      Bucket: s3.bucket,
      Prefix: prefix,
      ...next,
    })
    const page = await s3.request((client, options) => client.send(command, options))
    for (const { Key = '', UploadId = '' } of page.Uploads ?? []) await abortUpload(s3, Key, UploadId)
    next = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      : undefined
  }
}
