// Whether a caller may upload files at all: by the right of their role.
import { mayUpload, selectUploadRights, toUploadRights } from '../access/upload-right-store.ts'
import type { Caller } from '../auth/caller.ts'
import { errors } from '../errors.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'
import type { FileStores } from './file-store.ts'

/** Refuses callers whose role may not upload; errors.uploadForbidden. */
export async function requireUploadRight(
  { db, registry }: Pick<FileStores, 'db'> & { registry: Pick<SchemaRegistry, 'cached'> },
  { role, tenant }: Caller,
): Promise<void> {
  const rights = await registry.cached(tenant, 'upload-rights', async () =>
    toUploadRights(await db.read(tenant, selectUploadRights(tenant.id))),
  )
  if (!mayUpload(role, rights)) throw errors.uploadForbidden(role)
}
