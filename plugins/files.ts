// The storage of files' bytes, a directory or a bucket of S3 behind one interface. Sweeps it at start and once a day: removes
// bytes that a crash has left without a row.

import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { BackgroundLoop } from '../lib/concurrency/background-loop.ts'
import { isRegistered } from '../lib/files/file-store.ts'
import { openStorage } from '../lib/files/open-storage.ts'
import type { BlobStorage } from '../lib/files/storage.ts'

declare module 'fastify' {
  interface FastifyInstance {
    blobs: BlobStorage
  }
}

/** Longer than any upload takes, on any host that shares the storage. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000

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
  const { blobs, close } = await openStorage(app.settings, (size) => app.freeSpace.take(size))
  app.addHook('onClose', async () => close())
  app.decorate('blobs', blobs)
  const loop = sweepLoop(app)
  // Neither is awaited: the server answers meanwhile, and a storage that hangs does not hold up its end.
  app.addHook('onReady', async () => void loop.wake())
  app.addHook('onClose', async () => void loop.stop())
}

export default fp(files, { name: 'files', dependencies: ['config', 'db', 'disk'] })
