// Sweeps files that no record has held for a while: tenant by tenant, a batch of files in a transaction, the audit entries
// included. One process at a time does; a file that is put to use meanwhile stays.

import { recordAudit } from '../audit/audit-store.ts'
import { retryStale } from '../db/retry-stale.ts'
import type { TenantScope } from '../db/scope.ts'
import type { Transaction } from '../db/statement.ts'
import type { TenantRow } from '../db/tenant.ts'
import type { TenantDirectory } from '../db/tenant-directory.ts'
import { deleteUnusedFiles, selectUnusedFiles } from './file-sql.ts'
import { discardBlob, type FileStores } from './file-store.ts'
import { STORED_FILE, type StoredFile } from './stored-file.ts'

const BATCH = 100

const TENANTS = 500

/** Far from the entity ids, which are advisory lock keys, too. */
const LOCK = '-8431905520163'

export interface UnusedSweep extends Pick<FileStores, 'db' | 'blobs'> {
  directory: Pick<TenantDirectory, 'call' | 'tenantById'>
  /** Files that have been in no record since then are deleted. */
  before: Date
  /** Whether to stop after the current batch. */
  isOver: () => boolean
}

/** Sweeps all active tenants; the number of files deleted. */
export async function sweepUnusedFiles(sweep: UnusedSweep): Promise<number> {
  let swept = 0
  for (let offset = 0; !sweep.isOver(); offset += TENANTS) {
    const ids = await activeTenants(sweep, offset)
    for (const id of ids) swept += await sweepTenant(sweep, id)
    if (ids.length < TENANTS) break
  }
  return swept
}

async function activeTenants({ directory }: UnusedSweep, offset: number): Promise<string[]> {
  const rows = await directory.call<{ id: string }>('select id from list_tenants($1, $2)', [TENANTS, offset])
  return rows.map(({ id }) => id)
}

async function sweepTenant(sweep: UnusedSweep, id: string): Promise<number> {
  let swept = 0
  while (!sweep.isOver()) {
    const files = await sweepBatch(sweep, id)
    swept += files.length
    if (files.length < BATCH) break
  }
  return swept
}

/** Deletes a batch, and the bytes after that; those that cannot be removed now are left to the sweep of the storage. */
async function sweepBatch({ db, blobs, directory, before }: UnusedSweep, id: string): Promise<StoredFile[]> {
  const files = await retryStale(async () => {
    const tenant = await directory.tenantById(id)
    if (!tenant?.active) return []
    return db.transaction(tenant, [], (tx) => deleteBatch(tx, { tenant, blobs, before }))
  })
  for (const file of files) await discardBlob({ blobs }, { tenantId: id, fileId: file.id })
  return files
}

interface Batch extends Pick<UnusedSweep, 'blobs' | 'before'> {
  tenant: TenantRow
}

async function deleteBatch(tx: Transaction, { tenant, blobs, before }: Batch): Promise<StoredFile[]> {
  if (!(await isAlone(tx))) return []
  const rows = await tx.read(selectUnusedFiles(tenant.id, before, BATCH))
  const ids = rows.map(([fileId]) => fileId as string)
  if (ids.length === 0) return []
  for (const fileId of ids) await blobs.markPending({ tenantId: tenant.id, fileId })
  const files = (await tx.read(deleteUnusedFiles(tenant, ids))).map(STORED_FILE.decode)
  for (const file of files) await recordSweep(tx, tenant, file)
  return files
}

async function isAlone(tx: Transaction): Promise<boolean> {
  const { rows } = await tx.query<{ taken: boolean }>('select pg_try_advisory_xact_lock($1) as taken', [LOCK])
  return rows[0]?.taken === true
}

function recordSweep(
  tx: Transaction,
  tenant: TenantScope,
  { id, filename, size }: StoredFile,
): Promise<void> {
  const actor = { id: null, username: 'univera', tenant }
  return recordAudit(tx, actor, { action: 'file.sweep', target: id, details: { filename, size } })
}
