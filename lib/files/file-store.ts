// Files as rows and blobs together. A row is written after its blob is whole and deleted before the blob goes: whatever
// happens between, no row is without its bytes, and what is left alone is found by the sweep.
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { v7 as uuidv7 } from 'uuid'
import type { Caller } from '../auth/caller.ts'
import { oneRow } from '../db/columns.ts'
import { violatedConstraint } from '../db/constraints.ts'
import { retryStale } from '../db/retry-stale.ts'
import type { TenantDb } from '../db/statement.ts'
import type { TenantDirectory } from '../db/tenant-directory.ts'
import { errorCode } from '../errors/codes.ts'
import { Problem } from '../errors/problem.ts'
import { errors } from '../errors.ts'
import { isUuid } from '../fields/uuid.ts'
import { requireMatch } from '../http/etag.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'
import type { ByteRange } from './byte-range.ts'
import { sniffContentType } from './content-type.ts'
import { etagOf } from './delivery.ts'
import { holdersFor, mayDelete } from './file-access.ts'
import { deleteFileRow, insertFile, selectFileExists, selectReadableFiles } from './file-sql.ts'
import { cleanFilename } from './filename.ts'
import type { BlobKey, BlobStorage } from './storage.ts'
import { type FileFacts, STORED_FILE, type StoredFile } from './stored-file.ts'
import type { Claim } from './text-type.ts'

/** What the file stores work with; the server itself has this shape. */
export interface FileStores {
  db: TenantDb
  directory: Pick<TenantDirectory, 'tenantById'>
  blobs: BlobStorage
  registry: Pick<SchemaRegistry, 'entities' | 'permissions'>
}

/** A blob that no row describes yet. */
export interface ReceivedFile {
  key: BlobKey
  facts: FileFacts
}

/**
 * Stores the bytes of a new file and finds out what they are.
 *
 * @param claim what the client says of it
 * @param limit most bytes; errors.fileTooLarge
 */
export async function receiveFile(
  { blobs }: Pick<FileStores, 'blobs'>,
  tenantId: string,
  { source, claim, limit }: { source: Readable; claim: Claim; limit: number },
): Promise<ReceivedFile> {
  const key = { tenantId, fileId: uuidv7() }
  const { head, size, sha256 } = await blobs.put(key, source, limit)
  try {
    const readRange = (start: number, end: number) => readBlob(blobs, key, { start, end })
    const { type, charset } = await sniffContentType({ head, size, readRange }, claim)
    return {
      key,
      facts: { filename: cleanFilename(claim.filename), contentType: type, charset, size, sha256 },
    }
  } catch (error) {
    await discardBlob({ blobs }, key)
    throw error
  }
}

async function readBlob(blobs: BlobStorage, key: BlobKey, range: ByteRange): Promise<Buffer> {
  const bytes = await blobs.open(key, range)
  return bytes === null ? Buffer.alloc(0) : buffer(bytes)
}

/** Writes the row of a received file: from now on it exists. */
export async function registerFile(
  { db, blobs }: FileStores,
  caller: Caller,
  { key, facts }: ReceivedFile,
): Promise<StoredFile> {
  const rows = await db.write(caller.tenant, [], insertFile(caller, key.fileId, facts))
  await clearPending(blobs, key)
  return STORED_FILE.decode(oneRow(rows))
}

/** A note that cannot be taken back now is looked at by the next sweep. */
async function clearPending(blobs: BlobStorage, key: BlobKey): Promise<void> {
  await blobs.clearPending(key).catch(() => {})
}

/** Removes a blob that no row describes; what cannot be removed now is left to the next sweep. */
export async function discardBlob({ blobs }: Pick<FileStores, 'blobs'>, key: BlobKey): Promise<void> {
  await blobs.remove(key).catch(() => {})
}

/** Conditions under which PostgreSQL may have committed without our hearing of it. */
const UNHEARD = /^(08...|57P..)$/

function isRolledBack(error: unknown): boolean {
  const code = errorCode(error)
  return error instanceof Problem || (/^[0-9A-Z]{5}$/.test(code) && !UNHEARD.test(code))
}

/**
 * Removes the blob of a file that was not registered.
 *
 * @param reason why it was not; when it leaves open whether there is a row, the blob is left to the sweep
 */
export async function abandonFile(
  stores: Pick<FileStores, 'blobs'>,
  { key }: ReceivedFile,
  reason: unknown,
): Promise<void> {
  if (isRolledBack(reason)) await discardBlob(stores, key)
}

/** The file, if the caller may read it; errors.fileNotFound, also for what is no id. */
export async function findFile(
  { db, registry }: FileStores,
  caller: Caller,
  id: string,
): Promise<StoredFile> {
  if (!isUuid(id)) throw errors.fileNotFound()
  const [row] = await db.read(
    caller.tenant,
    selectReadableFiles(caller, await holdersFor(registry, caller), [id]),
  )
  if (row === undefined) throw errors.fileNotFound()
  return STORED_FILE.decode(row)
}

function inUse(): Problem {
  const message = 'cannot be deleted while a file field of a record holds it'
  return errors.referenceConflict([{ pointer: '', keyword: 'reference', message }])
}

/**
 * Deletes a file; errors.fileNotFound, errors.forbidden, errors.referenceConflict while a record holds it.
 *
 * @param ifMatch the entity tags that its content may have; errors.preconditionFailed
 */
export async function deleteFile(
  stores: FileStores,
  caller: Caller,
  id: string,
  ifMatch?: string,
): Promise<void> {
  const file = await findFile(stores, caller, id)
  if (!mayDelete(caller, file)) throw errors.forbidden('to be its uploader or an admin')
  requireMatch(ifMatch, etagOf(file))
  const key = { tenantId: caller.tenant.id, fileId: file.id }
  await stores.blobs.markPending(key)
  try {
    await stores.db.write(caller.tenant, [], deleteFileRow(caller.tenant, key.fileId))
  } catch (error) {
    if (isRolledBack(error)) await clearPending(stores.blobs, key)
    throw violatedConstraint(error) === 'target' ? inUse() : error
  }
  await discardBlob(stores, key)
}

/** Whether the tenant has the file, regardless of who may read it. */
export async function fileExists(
  { db }: Pick<FileStores, 'db'>,
  caller: Caller,
  id: string,
): Promise<boolean> {
  return (await db.read(caller.tenant, selectFileExists(caller.tenant.id, id))).length > 0
}

/** Whether there is a row for the blob: what a sweep asks. */
export function isRegistered(
  { db, directory }: Pick<FileStores, 'db' | 'directory'>,
  { tenantId, fileId }: BlobKey,
): Promise<boolean> {
  return retryStale(async () => {
    const tenant = await directory.tenantById(tenantId)
    return tenant !== null && (await db.read(tenant, selectFileExists(tenantId, fileId))).length > 0
  })
}
