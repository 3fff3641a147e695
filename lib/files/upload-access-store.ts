// Whether a caller may upload files at all: by the right of their role.
import { mayUpload, selectUploadRights, toUploadRights } from '../access/upload-right-store.ts'
import type { Caller } from '../auth/caller.ts'
import { errors } from '../errors.ts'
import type { SchemaRegistry } from '../schema/registry/registry.ts'
import type { FileStores } from './file-store.ts'

type Stores = Pick<FileStores, 'db'> & { registry: Pick<SchemaRegistry, 'cached'> }

/** Whether callers of the role may upload. */
export async function hasUploadRight(
  { db, registry }: Stores,
  { role, tenant }: Pick<Caller, 'role' | 'tenant'>,
): Promise<boolean> {
  const rights = await registry.cached(tenant, 'upload-rights', async () =>
    toUploadRights(await db.read(tenant, selectUploadRights(tenant.id))),
  )
  return mayUpload(role, rights)
}

/** Refuses callers whose role may not upload; errors.uploadForbidden. */
export async function requireUploadRight(stores: Stores, caller: Caller): Promise<void> {
  if (!(await hasUploadRight(stores, caller))) throw errors.uploadForbidden(caller.role)
}
