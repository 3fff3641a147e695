// Runs a transaction again that PostgreSQL has undone to resolve a deadlock or a serialization failure.
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeadlock } from './statement-errors.ts'

const TRIES = 5

const LONGEST_PAUSE_MS = 100

/** Runs a whole transaction, again when it was the one undone; after five tries with the error of the last. */
export async function retryDeadlock<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      if (attempt === TRIES || !isDeadlock(error)) throw error
    }
    await sleep(Math.random() * LONGEST_PAUSE_MS)
  }
}
