// Deletes changes that are past the time for which their entities keep them, and ticks that no cursor may name any more: class by
// class, each from where it has come to, batch by batch. One process at a time does.
import { setTimeout as sleep } from 'node:timers/promises'
import type { TenantDirectory } from '../db/tenant-directory.ts'
import { KEPT_FOR } from '../entities/logged.ts'

const BATCH = 5000

const SHORTEST_PAUSE_MS = 5

export interface LogRetention {
  directory: Pick<TenantDirectory, 'call'>
  /** Unix, in milliseconds. */
  now: number
  /** Whether to stop after the current batch. */
  isOver: () => boolean
}

/** Sweeps the logs of all tenants. */
export async function sweepLog({ directory, now, isOver }: LogRetention): Promise<void> {
  for (const [kept, time] of Object.entries(KEPT_FOR)) {
    const before = new Date(now - time).toISOString()
    let passed = BATCH
    while (passed === BATCH && !isOver()) {
      const since = performance.now()
      const text = 'select sweep_changes($1::text::"char", $2, $3) as passed'
      const [row] = await directory.call<{ passed: number }>(text, [kept, before, BATCH])
      passed = row?.passed ?? 0
      // As long as the batch took, so that requests keep at least half of the database's time.
      if (passed === BATCH) await sleep(Math.max(performance.now() - since, SHORTEST_PAUSE_MS))
    }
  }
  const oldest = new Date(now - (KEPT_FOR.s ?? 0)).toISOString()
  await directory.call('select sweep_ticks($1)', [oldest])
}
