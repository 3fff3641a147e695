// What a backup says of itself.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf, StartError } from '../errors/start-error.ts'
import { inMegabytes } from '../process/progress.ts'
import { MANIFEST } from './checksums.ts'

export const FORMAT = 'univera backup 1'

export interface BackupManifest {
  format: typeof FORMAT
  created_at: string
  /** How many files have their bytes in it, and how many bytes those are. */
  files: number
  bytes: number
  /** Paths of files that had no bytes, and of those whose bytes were not the ones that were uploaded. */
  missing: string[]
  damaged: string[]
}

/** The manifest of the backup in a directory; StartError when there is none that can be read. */
export async function readManifest(directory: string): Promise<BackupManifest> {
  try {
    const manifest = JSON.parse(await readFile(join(directory, MANIFEST), 'utf8'))
    if (manifest?.format === FORMAT && Number.isInteger(manifest.files)) return manifest
  } catch (error) {
    throw new StartError(`${directory} is no backup of Univera: ${reasonOf(error)}`, { cause: error })
  }
  throw new StartError(`${directory} is no backup of Univera, or one of a newer version.`)
}

/** What is in a backup, in a few words. */
export function describeBackup({ files, bytes, missing, damaged }: BackupManifest): string {
  const lost = missing.length === 0 ? '' : `, without the bytes of ${missing.length} that are lost`
  const wrong = damaged.length === 0 ? '' : `, with ${damaged.length} that are damaged`
  return `${files} files (${inMegabytes(bytes)})${lost}${wrong}`
}
