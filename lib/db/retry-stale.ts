// Runs work again that was planned on a tenant's metadata when the metadata has changed under it. Many changes at once each
// make the others stale, so work that fails again queues for its turn; work that never succeeds is refused with 503.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode, STALE_EPOCH } from '../errors/codes.ts'
import { errors } from '../errors.ts'

const TRIES = 50

/** The first tries are free: after one change of metadata nothing has to queue. */
const FREE_TRIES = 2

const LONGEST_PAUSE_MS = 40

/** True when the database has refused a statement because its scope's epoch is no longer the tenant's. */
export function isStaleError(error: unknown): boolean {
  return errorCode(error) === STALE_EPOCH
}

/** Other processes may run into each other, too: a random pause, longer each time. */
async function pauseBefore(attempt: number): Promise<void> {
  const longest = Math.min(2 ** (attempt - FREE_TRIES), LONGEST_PAUSE_MS)
  await sleep(Math.random() * longest)
}

/** What comes between two tries. */
export interface BetweenTries {
  /** Waits for the right to try undisturbed by others in this process; resolves to what gives it back. */
  takeTurn?: () => Promise<() => void>
  /** Runs before each try but the first; its failure is final. */
  prepare?: () => Promise<void>
}

/**
 * Runs `work` until what it did was done on current metadata.
 *
 * @param work one try; it must read the metadata again each time, unless `prepare` does
 * @param isOutdated whether a failure comes from old metadata; what it throws is thrown on
 */
export async function retryStale<T>(
  work: () => Promise<T>,
  isOutdated: (error: unknown) => boolean | Promise<boolean> = isStaleError,
  { takeTurn, prepare }: BetweenTries = {},
): Promise<T> {
  let giveBack: (() => void) | undefined
  try {
    for (let attempt = 1; attempt <= TRIES; attempt++) {
      if (attempt === FREE_TRIES + 1) giveBack = await takeTurn?.()
      if (attempt > FREE_TRIES + 1) await pauseBefore(attempt)
      if (attempt > 1) await prepare?.()
      try {
        return await work()
      } catch (error) {
        if (!(await isOutdated(error))) throw error
      }
    }
  } finally {
    giveBack?.()
  }
  throw errors.unavailable()
}
