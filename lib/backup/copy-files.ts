// Copies the bytes of listed files out of their storage into a directory. What an earlier run has copied stays.
import { access } from 'node:fs/promises'
import { inParallel } from '../concurrency/in-parallel.ts'
import { pathsOf } from '../files/local-paths.ts'
import { LocalStorage } from '../files/local-storage.ts'
import type { BlobKey, BlobStorage } from '../files/storage.ts'
import { inMegabytes, type Progress } from '../process/progress.ts'
import { hashFile } from './checksums.ts'
import { type ListedFile, readFileList } from './file-rows-store.ts'

export interface CopyReport {
  files: number
  bytes: number
  /** Those without bytes in the storage. */
  missing: BlobKey[]
  /** Those whose bytes are not the ones that were uploaded. */
  damaged: BlobKey[]
}

const AT_ONCE = 4

/** Copies the files of a list into `<directory>`, in the layout of the local storage. */
export async function copyFiles(
  { list, directory }: { list: string; directory: string },
  blobs: Pick<BlobStorage, 'open'>,
  progress: Progress,
): Promise<CopyReport> {
  const target = await LocalStorage.open(directory)
  const report: CopyReport = { files: 0, bytes: 0, missing: [], damaged: [] }
  await inParallel(readFileList(list), AT_ONCE, async (file) => {
    const outcome = (await isCopied(directory, file)) ? 'copied' : await copyOne(file, blobs, target)
    if (outcome !== 'copied') report[outcome].push(keyOf(file))
    if (outcome === 'missing') return
    report.files += 1
    report.bytes += file.size
    progress(`Files: ${report.files}, ${inMegabytes(report.bytes)}`)
  })
  return report
}

const keyOf = ({ tenantId, fileId }: ListedFile): BlobKey => ({ tenantId, fileId })

async function isCopied(directory: string, file: ListedFile): Promise<boolean> {
  const { blob } = pathsOf(directory, file)
  const exists = await access(blob).then(
    () => true,
    () => false,
  )
  return exists && (await hashFile(blob)) === file.sha256
}

async function copyOne(
  file: ListedFile,
  blobs: Pick<BlobStorage, 'open'>,
  target: LocalStorage,
): Promise<'copied' | 'missing' | 'damaged'> {
  const source = await blobs.open(file)
  if (source === null) return 'missing'
  const { sha256 } = await target.put(file, source, Number.POSITIVE_INFINITY)
  await target.clearPending(file)
  return sha256 === file.sha256 ? 'copied' : 'damaged'
}
