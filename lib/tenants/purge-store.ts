// Purges a deleted tenant: its files, its records in batches, then its row, with which the rest is deleted. Idempotent: a
// purge that was interrupted can be repeated by any process.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Queryable, TenantDb } from '../db/statement.ts'
import type { TenantDirectory } from '../db/tenant-directory.ts'
import type { BlobStorage } from '../files/storage.ts'

/** The resources of a purge. */
export interface PurgeContext {
  db: Pick<TenantDb, 'transaction'>
  directory: Pick<TenantDirectory, 'tenantById' | 'runningTransactions'>
  blobs: Pick<BlobStorage, 'removeTenant'>
  /** Whether to stop after the current batch. */
  isOver: () => boolean
}

const BATCH = 5000

const SHORTEST_PAUSE_MS = 5

/** With their keys. Links first: a foreign key restricts the deletion of a linked record. */
const LARGE_TABLES = {
  link: 'from_entity, from_id, field, to_id',
  record: 'entity_id, id',
  change: 'entity_id, id, seq',
} as const

/** Waits for the transactions that began before the deletion: they may still write into the tenant. */
async function awaitRunning({ directory, isOver }: PurgeContext): Promise<void> {
  const running = new Set(await directory.runningTransactions())
  for (let pause = SHORTEST_PAUSE_MS; running.size > 0 && !isOver(); pause = Math.min(pause * 2, 1000)) {
    await sleep(pause)
    const now = new Set(await directory.runningTransactions())
    for (const transaction of running) if (!now.has(transaction)) running.delete(transaction)
  }
}

/** Runs work in the deleted tenant; undefined when another process has purged it. */
async function inside<T>({ db, directory }: PurgeContext, id: string, work: (tx: Queryable) => Promise<T>) {
  const tenant = await directory.tenantById(id)
  if (tenant === null) return undefined
  return db.transaction(tenant, [], async (tx) => {
    await tx.query('set local statement_timeout = 0')
    return work(tx)
  })
}

async function emptyTable(
  context: PurgeContext,
  id: string,
  table: keyof typeof LARGE_TABLES,
): Promise<void> {
  const key = LARGE_TABLES[table]
  const text = `delete from ${table} where tenant_id = $1
    and (${key}) in (select ${key} from ${table} where tenant_id = $1 limit ${BATCH})`
  while (!context.isOver()) {
    const since = performance.now()
    const result = await inside(context, id, (tx) => tx.query(text, [id]))
    if (result === undefined || result.rowCount === 0) return
    // As long as the batch took, so that requests keep at least half of the database's time.
    await sleep(Math.max(performance.now() - since, SHORTEST_PAUSE_MS))
  }
}

/** Purges everything that a deleted tenant has left. */
export async function purgeTenant(context: PurgeContext, id: string): Promise<void> {
  await awaitRunning(context)
  if (context.isOver()) return
  await context.blobs.removeTenant(id)
  for (const table of ['link', 'record'] as const) await emptyTable(context, id, table)
  if (context.isOver()) return
  await inside(context, id, (tx) =>
    tx.query('delete from tenant where id = $1 and deleted_at is not null', [id]),
  )
}
