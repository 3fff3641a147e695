// Objects in a bucket: names and bytes in, bytes out, null for what is not there. Failures are errors.unavailable.

import type { Readable } from 'node:stream'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import type { ByteRange } from '../byte-range.ts'
import { isRefusal, type S3Connection } from './connection.ts'

export interface StoredObject {
  name: string
  /** By the clock of S3. */
  modified: Date
}

/** What is delivered is decided by the rows of files; other readers of the bucket run nothing by mistake. */
export const OPAQUE = 'application/octet-stream'

/** Bytes in a millisecond, at the least, on the way to S3. */
const SLOWEST = 100

/** Milliseconds that bytes may take on their way. */
export const transferOf = ({ length }: Buffer): number => length / SLOWEST

export async function putObject(s3: S3Connection, name: string, bytes: Buffer): Promise<void> {
  const input = { Bucket: s3.bucket, Key: name, Body: bytes, ContentType: OPAQUE }
  await s3.request((client, options) => client.send(new PutObjectCommand(input), options), transferOf(bytes))
}

/** The bytes as they come, or those of the range; null when there is no such object. */
export async function getObject(s3: S3Connection, name: string, range?: ByteRange): Promise<Readable | null> {
  const Range = range && `bytes=${range.start}-${range.end}`
  const command = new GetObjectCommand({ Bucket: s3.bucket, Key: name, Range })
  try {
    const { Body } = await s3.request((client, options) => client.send(command, options))
    return Body as Readable
  } catch (error) {
    if (isRefusal(error, 'NoSuchKey')) return null
    throw error
  }
}

/** Removes an object, if there is one. */
export async function removeObject(s3: S3Connection, name: string): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: s3.bucket, Key: name })
  await s3.request((client, options) => client.send(command, options))
}

/** All objects whose names begin so, page by page. */
export async function* listObjects(s3: S3Connection, prefix: string): AsyncGenerator<StoredObject[]> {
  let next: string | undefined
  do {
    const command = new ListObjectsV2Command({ Bucket: s3.bucket, Prefix: prefix, ContinuationToken: next })
    const page = await s3.request((client, options) => client.send(command, options))
    yield (page.Contents ?? []).map(({ Key = '', LastModified = new Date() }) => ({
      name: Key,
      modified: LastModified,
    }))
    next = page.IsTruncated ? page.NextContinuationToken : undefined
  } while (next !== undefined)
}
