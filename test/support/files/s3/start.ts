// An S3 for a test, with a bucket that is empty: the server of the tests or, with
// UNIVERA_TEST_S3=http://key:secret@host:port/region, a real one.

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3'
import type { Test } from 'tap'
import type { S3Settings } from '../../../../lib/files/s3/connection.ts'
import { Bucket } from './objects.ts'
import { ACCOUNT, S3Server } from './server.ts'

const MINUTE = 60_000

function realSettings(url: string, bucket: string): S3Settings {
  const { username, password, origin, pathname } = new URL(url)
  const [accessKeyId, secretAccessKey] = [username, password].map(decodeURIComponent)
  return {
    endpoint: origin,
    bucket,
    region: pathname.slice(1),
    accessKeyId,
    secretAccessKey,
    forcePathStyle: true,
  }
}

/** A server of the tests with a bucket. */
export async function startServer(t: Test) {
  const server = new S3Server()
  await server.start()
  t.teardown(() => server.stop())
  const bucket = new Bucket()
  server.buckets.set('files', bucket)
  const settings: S3Settings = {
    ...ACCOUNT,
    endpoint: server.endpoint,
    bucket: 'files',
    forcePathStyle: true,
    patience: MINUTE,
  }
  return { server, bucket, settings }
}

/** An empty bucket, wherever it is; `letTimePass` is that of the drivers. */
export async function startBucket(t: Test) {
  const { UNIVERA_TEST_S3: url } = process.env
  if (url !== undefined) return startRealBucket(url)
  const { bucket, settings } = await startServer(t)
  const letTimePass = async () => {
    for (const object of bucket.objects.values()) object.modified = new Date(Date.now() - 2 * MINUTE)
    return new Date(Date.now() - MINUTE)
  }
  return { settings, letTimePass }
}

async function startRealBucket(url: string) {
  const settings = realSettings(url, `univera-test-${randomUUID()}`)
  await new BucketView(settings).create()
  const letTimePass = async () => {
    // Times of objects are told in whole seconds.
    const before = new Date(Date.now() + 1000)
    await sleep(2100)
    return before
  }
  return { settings, letTimePass }
}

/** Looks into a bucket from outside. */
export class BucketView {
  readonly #client: S3Client
  readonly #bucket: { Bucket: string }

  constructor({ bucket, accessKeyId = '', secretAccessKey = '', ...rest }: S3Settings) {
    const { region, endpoint = '', forcePathStyle } = rest
    const credentials = { accessKeyId, secretAccessKey }
    this.#client = new S3Client({ region, endpoint, forcePathStyle, credentials })
    this.#bucket = { Bucket: bucket }
  }

  async create(): Promise<void> {
    await this.#client.send(new CreateBucketCommand(this.#bucket))
  }

  /** The names of all objects. */
  async names(): Promise<string[]> {
    const names: string[] = []
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#client }, this.#bucket))
      names.push(...Contents.map(({ Key = '' }) => Key))
    return names
  }

  /** How many objects have parts and are not complete. */
  async unfinished(): Promise<number> {
    const { Uploads = [] } = await this.#client.send(new ListMultipartUploadsCommand(this.#bucket))
    return Uploads.length
  }

  async begin(name: string): Promise<void> {
    await this.#client.send(new CreateMultipartUploadCommand({ ...this.#bucket, Key: name }))
  }
}
