// Deletes audit entries that are past their retention, batch by batch; one process at a time does.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TenantDirectory } from '../db/tenant-directory.ts'

const BATCH = 2000

const PAUSE_MS = 20

export interface Retention {
  directory: Pick<TenantDirectory, 'callEach'>
  /** Milliseconds that entries are kept, a day at least; 0: for good. */
  retention: number
  /** Whether to stop after the current batch. */
  isOver: () => boolean
}

/** Sweeps the logs of all tenants; the number of entries deleted. */
export async function sweepAudit({ directory, retention, isOver }: Retention): Promise<number> {
  const before = retention === 0 ? '-infinity' : new Date(Date.now() - retention).toISOString()
  let swept = 0
  while (!isOver()) {
    const rows = await directory.callEach<{ swept: number | null }>(
      'select sweep_audit($1, $2)::int as swept',
      [before, BATCH],
    )
    for (const row of rows) swept += row.swept ?? 0
    if (rows.every((row) => (row.swept ?? 0) < BATCH)) break
    await sleep(PAUSE_MS)
  }
  return swept
}
