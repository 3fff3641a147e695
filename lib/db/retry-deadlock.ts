// Transactions that waited for each other in a circle: PostgreSQL ends one of them and undoes all of it, so it can simply
// run again.
import { setTimeout as sleep } from 'node:timers/promises'
import { errorCode } from '../errors/codes.ts'

const TRIES = 5

const LONGEST_PAUSE_MS = 100

/** deadlock_detected and serialization_failure. */
const UNDONE = new Set(['40P01', '40001'])

const LOCK_NOT_AVAILABLE = '55P03'

/** Whether a transaction was undone for the sake of others, or waited for them no longer. */
export function isLockFailure(error: unknown): boolean {
  const code = errorCode(error) ?? ''
  return UNDONE.has(code) || code === LOCK_NOT_AVAILABLE
}

/** Runs a whole transaction, again when it was the one to give way. */
export async function retryDeadlock<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      if (attempt === TRIES || !UNDONE.has(errorCode(error) ?? '')) throw error
    }
    await sleep(Math.random() * LONGEST_PAUSE_MS)
  }
}
