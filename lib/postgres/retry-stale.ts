// Work that was planned on a tenant's metadata runs again when the metadata has changed under it. Many changes at
// once each make the others stale, so the tries spread out; one that never gets through is refused with 503.
import { setTimeout as sleep } from 'node:timers/promises'
import { errors } from '../errors.ts'
import { errorCode, STALE_EPOCH } from './queryable.ts'

const TRIES = 16
const LONGEST_PAUSE_MS = 250

/** True when the database has refused a statement because its scope's epoch is no longer the tenant's. */
export function isStaleError(error: unknown): boolean {
  return errorCode(error) === STALE_EPOCH
}

/** Milliseconds before a try: none before the second one, then random and longer each time. */
function pauseBefore(attempt: number): number {
  return attempt < 2 ? 0 : Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE_MS)
}

/**
 * Runs `work` until what it did was done on current metadata.
 *
 * @param work one try; it must read the metadata anew each time
 * @param isOutdated whether this failure comes from old metadata; what it throws is thrown on
 */
export async function retryStale<T>(
  work: () => Promise<T>,
  isOutdated: (error: unknown) => boolean | Promise<boolean> = isStaleError,
): Promise<T> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(await isOutdated(error))) throw error
    }
    const pause = pauseBefore(attempt)
    if (pause > 0) await sleep(pause)
  }
  throw errors.unavailable()
}
