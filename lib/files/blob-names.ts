// What blobs and their notes are called: UUIDs alone, in lower case. Refuses all else, so that no name leads anywhere.
import type { BlobKey } from './storage.ts'

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'

const KEY = new RegExp(`^(${UUID})\\.(${UUID})$`)

const TENANT = new RegExp(`^${UUID}$`)

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

/** What all blobs of a tenant are below. */
export function tenantName(tenantId: string): string {
  if (!TENANT.test(tenantId)) throw new Error('a tenant is named by a UUID')
  return tenantId
}
