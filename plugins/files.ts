// Where the bytes of files are kept, behind one interface whatever it is made of. At start it looks after what a crash
// has left behind: bytes whose row was never written, or has been deleted.
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { isRegistered } from '../lib/files/file-store.ts'
import { LocalStorage } from '../lib/files/local-storage.ts'
import type { BlobStorage } from '../lib/files/storage.ts'
import { reasonOf, StartError } from '../lib/start-error.ts'

declare module 'fastify' {
  interface FastifyInstance {
    blobs: BlobStorage
  }
}

/** No upload takes longer, on any host that shares the storage. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000

async function openStorage(path: string): Promise<BlobStorage> {
  try {
    return await LocalStorage.open(path)
  } catch (error) {
    throw new StartError(`FILE_STORAGE_PATH ${path} cannot be written to: ${reasonOf(error)}`)
  }
}

async function sweep({ blobs, db, log }: FastifyInstance): Promise<void> {
  try {
    const before = new Date(Date.now() - ABANDONED_AFTER_MS)
    const notes = await blobs.sweep(before, (key) => isRegistered({ db }, key))
    if (notes > 0) log.info({ notes }, 'cleaned up after interrupted uploads and deletes of files')
  } catch (error) {
    log.warn({ err: error }, 'could not clean up after interrupted uploads and deletes of files')
  }
}

async function files(app: FastifyInstance): Promise<void> {
  app.decorate('blobs', await openStorage(app.settings.FILE_STORAGE_PATH))
  app.addHook('onReady', async () => {
    // Not awaited: the server answers meanwhile.
    sweep(app)
  })
}

export default fp(files, { name: 'files', dependencies: ['config', 'db'] })
