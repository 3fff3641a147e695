// Restores a backup: all of it is checked first, then the bytes of files are stored, then the database is filled in one
// transaction. Until that has ended the database is new, and the same command can be given again; what it has stored of files
// is noted meanwhile, so that a server that starts instead removes it.
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { inParallel } from '../concurrency/in-parallel.ts'
import { errorCode } from '../errors/codes.ts'
import { reasonOf, StartError } from '../errors/start-error.ts'
import type { BlobKey, BlobStorage } from '../files/storage.ts'
import { requireRestorable, restoreDatabase } from '../postgres/dump/restore-store.ts'
import { silentLog } from '../process/log.ts'
import type { Progress } from '../process/progress.ts'
import { DUMP, hashFile, MANIFEST, type Part, readChecksums } from './checksums.ts'
import { type BackupManifest, readManifest } from './manifest.ts'

/** Where a backup goes to. */
export interface RestoreTarget {
  url: string
  blobs: Pick<BlobStorage, 'put' | 'clearPending'>
  progress: Progress
}

const AT_ONCE = 4

/** Restores the backup in the directory; StartError when it is not whole, or the database is in use. */
export async function restoreBackup(target: RestoreTarget, directory: string): Promise<BackupManifest> {
  const manifest = await readManifest(directory)
  try {
    await verify(directory, manifest, target.progress)
    const dump = join(directory, DUMP)
    await requireRestorable(target.url, dump)
    await storeFiles(target, directory)
    await restoreDatabase(target.url, dump, silentLog)
    await forEachFile(directory, (key) => target.blobs.clearPending(key))
    return manifest
  } catch (error) {
    throw /^E[A-Z]+$/.test(errorCode(error))
      ? new StartError(`The backup cannot be restored: ${reasonOf(error)}`, { cause: error })
      : error
  }
}

/** Every part is there and has its checksum, and the list is whole. */
async function verify(directory: string, { files }: BackupManifest, progress: Progress): Promise<void> {
  const seen = { files: 0, others: new Set<string>() }
  await inParallel(readChecksums(directory), AT_ONCE, async ({ path, sha256, key }: Part) => {
    const actual = await hashFile(join(directory, path))
    if (actual !== sha256)
      throw new StartError(
        `The backup is damaged: ${path} has not the checksum that it had. Nothing was restored.`,
      )
    if (key === undefined) seen.others.add(path)
    else seen.files += 1
    progress(`Checked: ${seen.files} of ${files} files`)
  })
  if (seen.files !== files || !seen.others.has(DUMP) || !seen.others.has(MANIFEST))
    throw new StartError(
      'The backup is not complete: its list of checksums breaks off. Nothing was restored.',
    )
}

async function storeFiles({ blobs, progress }: RestoreTarget, directory: string): Promise<void> {
  let stored = 0
  await forEachFile(directory, async (key, path) => {
    await blobs.put(key, createReadStream(join(directory, path)), Number.POSITIVE_INFINITY)
    stored += 1
    progress(`Files: ${stored}`)
  })
}

function forEachFile(directory: string, work: (key: BlobKey, path: string) => Promise<void>): Promise<void> {
  return inParallel(readChecksums(directory), AT_ONCE, async ({ key, path }) => {
    if (key !== undefined) await work(key, path)
  })
}
