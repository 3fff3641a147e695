// The storage of files' bytes, a directory or a bucket of S3 behind one interface. Sweeps it at start and once a day: removes
// bytes that a crash has left without a row.

import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import { reasonOf, StartError } from '../lib/errors/start-error.ts'
import { isRegistered } from '../lib/files/file-store.ts'
import { LocalStorage } from '../lib/files/local-storage.ts'
import type { BlobStorage } from '../lib/files/storage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    blobs: BlobStorage
  }
}

/** Longer than any upload takes, on any host that shares the storage. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000

async function openDirectory({ freeSpace }: FastifyInstance, path: string): Promise<BlobStorage> {
  try {
    return await LocalStorage.open(path, (size) => freeSpace.take(size))
  } catch (error) {
    throw new StartError(`FILE_STORAGE_PATH ${path} cannot be written to: ${reasonOf(error)}`)
  }
}

async function openBucket(app: FastifyInstance, bucket: string): Promise<BlobStorage> {
  // Amazon's client takes memory and a third of a second to load.
  const { S3Storage } = await import('../lib/files/s3/s3-storage.ts')
  const { UPLOAD_LIMIT, FILE_STORAGE_PATH, ...settings } = app.settings
  const storage = new S3Storage(
    {
      bucket,
      region: settings.S3_REGION,
      endpoint: settings.S3_ENDPOINT,
      accessKeyId: settings.S3_ACCESS_KEY_ID,
      secretAccessKey: settings.S3_SECRET_ACCESS_KEY,
      forcePathStyle: settings.S3_FORCE_PATH_STYLE,
    },
    { largest: UPLOAD_LIMIT, directory: join(FILE_STORAGE_PATH, '.spool') },
  )
  app.addHook('onClose', async () => storage.close())
  await storage.check()
  return storage
}

function sweepLoop({ blobs, db, directory, log }: FastifyInstance): BackgroundLoop {
  return new BackgroundLoop({
    every: ABANDONED_AFTER_MS,
    onError: (error) =>
      log.warn({ err: error }, 'could not clean up after interrupted uploads and deletes of files'),
    round: async () => {
      const before = new Date(Date.now() - ABANDONED_AFTER_MS)
      const notes = await blobs.sweep(before, (key) => isRegistered({ db, directory }, key))
      if (notes > 0) log.info({ notes }, 'cleaned up after interrupted uploads and deletes of files')
    },
  })
}

async function files(app: FastifyInstance): Promise<void> {
  const { S3_BUCKET, FILE_STORAGE_PATH } = app.settings
  app.decorate(
    'blobs',
    await (S3_BUCKET === undefined ? openDirectory(app, FILE_STORAGE_PATH) : openBucket(app, S3_BUCKET)),
  )
  const loop = sweepLoop(app)
  // Neither is awaited: the server answers meanwhile, and a storage that hangs does not hold up its end.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', async () => void loop.stop())
}

export default fp(files, { name: 'files', dependencies: ['config', 'db', 'disk'] })
