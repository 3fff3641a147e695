// What a backup says of itself.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { reasonOf, StartError } from '../errors/start-error.ts'
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
