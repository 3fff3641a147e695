// The names of blobs and their notes: UUIDs alone, in lower case. Refuses all else, so that no name leads out of its folder.
import { UUID_PATTERN } from '../fields/uuid.ts'
import type { BlobKey } from './storage.ts'

const KEY = new RegExp(`^(${UUID_PATTERN})\\.(${UUID_PATTERN})$`)

const TENANT = new RegExp(`^${UUID_PATTERN}$`)

/** The name of the key's note. */
export function noteName({ tenantId, fileId }: BlobKey): string {
  const name = `${tenantId}.${fileId}`
  if (keyOfNote(name) === undefined) throw new Error('a blob is named by UUIDs')
  return name
}

/** The key that a note is named after; undefined for any other name. */
export function keyOfNote(name: string): BlobKey | undefined {
  const [, tenantId, fileId] = KEY.exec(name) ?? []
  return tenantId === undefined || fileId === undefined ? undefined : { tenantId, fileId }
}

/** The folder of a tenant's blobs. */
export function tenantName(tenantId: string): string {
  if (!TENANT.test(tenantId)) throw new Error('a tenant is named by a UUID')
  return tenantId
}
