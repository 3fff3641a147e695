// Where the local driver keeps things under its root: `<tenant>/<last two digits of the id>/<id>` for blobs, and
// `.pending/<tenant>.<id>` for notes, with the unfinished bytes beside them. Made of UUIDs alone; refuses all else.
import { join } from 'node:path'
import type { BlobKey } from './storage.ts'

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const KEY = new RegExp(`^(${UUID})\\.(${UUID})$`)

export const PENDING = '.pending'

export interface BlobPaths {
  directory: string
  blob: string
  note: string
  /** The bytes until they are whole. */
  part: string
}

/** The key that a note is named after; undefined for any other name. */
export function keyOfNote(name: string): BlobKey | undefined {
  const [, tenantId, fileId] = KEY.exec(name) ?? []
  return tenantId === undefined || fileId === undefined ? undefined : { tenantId, fileId }
}

export function pathsOf(root: string, { tenantId, fileId }: BlobKey): BlobPaths {
  const name = `${tenantId}.${fileId}`
  if (keyOfNote(name) === undefined) throw new Error('a blob is named by UUIDs')
  const directory = join(root, tenantId, fileId.slice(-2))
  const note = join(root, PENDING, name)
  return { directory, blob: join(directory, fileId), note, part: `${note}.part` }
}

/** Where all blobs of a tenant are. */
export function tenantPath(root: string, tenantId: string): string {
  if (!new RegExp(`^${UUID}$`).test(tenantId)) throw new Error('a tenant is named by a UUID')
  return join(root, tenantId)
}
