// Writes a backup of everything into a new directory: a dump of the database, the bytes of its files, and the checksums of
// all. The directory appears when all of it is written; until then it is called `.part`, and the same command goes on there.
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { errorCode } from '../errors/codes.ts'
import { reasonOf, StartError } from '../errors/start-error.ts'
import { PENDING } from '../files/local-paths.ts'
import type { BlobKey, BlobStorage } from '../files/storage.ts'
import { syncDirectory } from '../files/sync-directory.ts'
import { dumpDatabase } from '../postgres/dump/dump-store.ts'
import { inMegabytes, type Progress } from '../process/progress.ts'
import { CHECKSUMS, DUMP, hashFile, lineOf, MANIFEST, pathOf } from './checksums.ts'
import { type CopyReport, copyFiles } from './copy-files.ts'
import { listFiles, readFileList, stillThere } from './file-rows-store.ts'
import { type BackupManifest, FORMAT } from './manifest.ts'

/** Where a backup comes from. */
export interface BackupSource {
  url: string
  blobs: Pick<BlobStorage, 'open'>
  progress: Progress
}

/** Snapshots that are taken because files of the last one were deleted before they were copied. */
const TRIES = 5

/** In a directory that only a backup may go on with. */
const UNFINISHED = 'UNFINISHED'

const LIST = 'files.list'

/** Backs up into the directory; StartError when it exists or something cannot be read or written. */
export async function backUp(source: BackupSource, directory: string): Promise<BackupManifest> {
  const target = resolve(directory)
  if (existsSync(target)) throw new StartError(`${directory} exists: name another directory.`)
  const part = `${target}.part`
  try {
    await openPart(part)
    const report = await copyConsistently(source, part)
    const manifest = await finish(part, report)
    await rename(part, target)
    await syncDirectory(dirname(target))
    return manifest
  } catch (error) {
    throw /^E[A-Z]+$/.test(errorCode(error))
      ? new StartError(`The backup cannot be written: ${reasonOf(error)}`, { cause: error })
      : error
  }
}

async function openPart(part: string): Promise<void> {
  // Killed at its very beginning, a backup leaves an empty directory.
  const isForeign =
    existsSync(part) && !existsSync(join(part, UNFINISHED)) && (await readdir(part)).length > 0
  if (isForeign)
    throw new StartError(`${part} exists and is no unfinished backup: remove it, or name another directory.`)
  // Private: it holds the hashes of passwords.
  await mkdir(part, { recursive: true, mode: 0o700 })
  await writeFile(join(part, UNFINISHED), 'The same command goes on with this backup.\n')
}

/** A file that is deleted before it is copied is in the dump and not among the files: then another snapshot is taken. */
async function copyConsistently({ url, blobs, progress }: BackupSource, part: string): Promise<CopyReport> {
  const [dump, list] = [join(part, DUMP), join(part, LIST)]
  for (let attempt = 1; ; attempt++) {
    for (const name of [dump, `${dump}.part`, list]) await rm(name, { force: true })
    await dumpDatabase(url, dump, {
      inSnapshot: (client) => listFiles(client, list),
      onBytes: (bytes) => progress(`Database: ${inMegabytes(bytes)} before compression`),
    })
    const report = await copyFiles({ list, directory: join(part, 'files') }, blobs, progress)
    const lost = await stillThere(url, report.missing)
    if (lost.length === report.missing.length || attempt === TRIES) return report
  }
}

async function finish(part: string, { files, bytes, missing, damaged }: CopyReport): Promise<BackupManifest> {
  const manifest: BackupManifest = {
    format: FORMAT,
    created_at: new Date().toISOString(),
    files,
    bytes,
    missing: missing.map(pathOf),
    damaged: damaged.map(pathOf),
  }
  await writeFlushed(join(part, MANIFEST), [`${JSON.stringify(manifest, null, 2)}\n`])
  await writeFlushed(join(part, CHECKSUMS), checksumLines(part, missing, damaged))
  await rm(join(part, 'files', PENDING), { recursive: true, force: true })
  for (const name of [LIST, UNFINISHED]) await rm(join(part, name))
  await syncDirectory(part)
  return manifest
}

/** The sums of files are those of the bytes that were copied: those of the upload, but for damaged ones. */
async function* checksumLines(part: string, missing: BlobKey[], damaged: BlobKey[]): AsyncGenerator<string> {
  for (const path of [DUMP, MANIFEST]) yield lineOf({ path, sha256: await hashFile(join(part, path)) })
  const [without, other] = [missing, damaged].map((keys) => new Set(keys.map(pathOf)))
  for await (const file of readFileList(join(part, LIST))) {
    const path = pathOf(file)
    if (without?.has(path)) continue
    const sha256 = other?.has(path) ? await hashFile(join(part, path)) : file.sha256
    yield lineOf({ path, sha256 })
  }
}

async function writeFlushed(path: string, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  await pipeline(lines, createWriteStream(path, { mode: 0o600, flush: true }))
}
