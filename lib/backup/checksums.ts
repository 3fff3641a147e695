// The list of checksums of a backup, as sha256sum writes and checks it. Only paths that a backup has are read from it.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { StartError } from '../errors/start-error.ts'
import { UUID_PATTERN } from '../fields/uuid.ts'
import type { BlobKey } from '../files/storage.ts'

export const CHECKSUMS = 'SHA256SUMS'

export const DUMP = 'database.dump'

export const MANIFEST = 'manifest.json'

/** A part of a backup; `key`: it is the bytes of a file. */
export interface Part {
  path: string
  sha256: string
  key?: BlobKey
}

const LINE = new RegExp(
  `^([0-9a-f]{64}) [ *]((?:${DUMP.replace('.', '\\.')}|${MANIFEST.replace('.', '\\.')})|files/(${UUID_PATTERN})/[0-9a-f]{2}/(${UUID_PATTERN}))$`,
)

/** The path of a file's bytes in a backup: as the local storage has it below its own directory. */
export const pathOf = ({ tenantId, fileId }: BlobKey) => `files/${tenantId}/${fileId.slice(-2)}/${fileId}`

export const lineOf = ({ path, sha256 }: Part) => `${sha256}  ${path}\n`

/** The parts that a list names; StartError for a line that is none, and for no list. */
export async function* readChecksums(directory: string): AsyncGenerator<Part> {
  const list = await open(join(directory, CHECKSUMS))
  for await (const line of list.readLines()) {
    const [, sha256, path, tenantId, fileId] = LINE.exec(line) ?? []
    if (sha256 === undefined || path === undefined)
      throw new StartError(`${CHECKSUMS} cannot be read: "${line.slice(0, 100)}" names no part of a backup.`)
    yield tenantId === undefined || fileId === undefined
      ? { path, sha256 }
      : { path, sha256, key: { tenantId, fileId } }
  }
}

/** The SHA-256 of a file, in hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
