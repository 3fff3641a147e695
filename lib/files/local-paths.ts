// Where the local driver keeps things under its root: `<tenant>/<last two digits of the id>/<id>` for blobs, and
// `.pending/<tenant>.<id>` for notes, with the unfinished bytes beside them. Made of UUIDs alone; refuses all else.
import { join } from 'node:path'
import { noteName, tenantName } from './blob-names.ts'
import type { BlobKey } from './storage.ts'

export const PENDING = '.pending'

export interface BlobPaths {
  directory: string
  blob: string
  note: string
  /** The bytes until they are whole. */
  part: string
}

export function pathsOf(root: string, key: BlobKey): BlobPaths {
  const note = join(root, PENDING, noteName(key))
  const directory = join(root, key.tenantId, key.fileId.slice(-2))
  return { directory, blob: join(directory, key.fileId), note, part: `${note}.part` }
}

/** Where all blobs of a tenant are. */
export function tenantPath(root: string, tenantId: string): string {
  return join(root, tenantName(tenantId))
}
