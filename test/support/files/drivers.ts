// The drivers of BlobStorage for the tests of what all of them promise, each with a way to look at what it keeps.

import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import type { Test } from 'tap'
import { LocalStorage } from '../../../lib/files/local-storage.ts'
import { S3Storage } from '../../../lib/files/s3/s3-storage.ts'
import type { BlobKey, BlobStorage } from '../../../lib/files/storage.ts'
import { BucketView, startBucket } from './s3/start.ts'

export interface Kept {
  storage: BlobStorage
  /** Another process that uses the same place. */
  another: () => Promise<BlobStorage>
  /** Ids of the files with bytes. */
  blobs: () => Promise<string[]>
  /** `<tenant>.<file>` of every note. */
  notes: () => Promise<string[]>
  /** How many files there are bytes of that are not whole. */
  unfinished: () => Promise<number>
  /** Leaves what a crash leaves in the middle of a file. */
  breakOff: (key: BlobKey) => Promise<void>
  /** Lets time pass: what is kept already is older than the moment returned, and what comes is not. */
  letTimePass: () => Promise<Date>
}

const MINUTE = 60_000

const last = (path: string) => path.slice(path.lastIndexOf('/') + 1)

async function startLocal(t: Test): Promise<Kept> {
  const root = join(t.testdir(), 'with a space', 'files')
  const storage = await LocalStorage.open(root)
  const pending = join(root, '.pending')
  const isPart = (name: string) => name.endsWith('.part')
  const isBlob = (path: string) => path.split(sep).length === 3
  return {
    storage,
    another: () => LocalStorage.open(root),
    blobs: async () =>
      (await readdir(root, { recursive: true })).filter(isBlob).map((path) => basename(path)),
    notes: async () => (await readdir(pending)).filter((name) => !isPart(name)),
    unfinished: async () => (await readdir(pending)).filter(isPart).length,
    async breakOff(key) {
      await storage.markPending(key)
      await writeFile(join(pending, `${key.tenantId}.${key.fileId}.part`), 'half')
    },
    async letTimePass() {
      const old = new Date(Date.now() - 2 * MINUTE)
      for (const name of await readdir(pending)) await utimes(join(pending, name), old, old)
      return new Date(Date.now() - MINUTE)
    },
  }
}

async function startS3(t: Test): Promise<Kept> {
  const { settings, letTimePass } = await startBucket(t)
  const view = new BucketView(settings)
  const directory = join(t.testdir(), 'spool')
  await mkdir(directory)
  const open = async () => {
    const storage = new S3Storage(settings, { largest: 50 * 2 ** 20, directory })
    t.teardown(() => storage.close())
    return storage
  }
  const storage = await open()
  return {
    storage,
    letTimePass,
    another: open,
    blobs: async () => (await view.names()).filter((name) => !name.startsWith('pending/')).map(last),
    notes: async () =>
      (await view.names()).filter((name) => name.startsWith('pending/')).map((name) => name.slice(8)),
    unfinished: async () => (await view.unfinished()) + (await readdir(directory)).length,
    async breakOff(key) {
      await storage.markPending(key)
      await view.begin(`${key.tenantId}/${key.fileId}`)
    },
  }
}

export const drivers: { name: string; start: (t: Test) => Promise<Kept> }[] = [
  { name: 'local', start: startLocal },
  { name: 's3', start: startS3 },
]
