// The database of a server, ready for work: the one of DATABASE_URL, or an embedded PostgreSQL below DATA_DIR.
// Goes out: its URL, the role to work as, and how to let go of it. Refuses what cannot be reached or migrated.

import type { Log } from '../process/log.ts'
import { startEmbedded } from './embedded/embedded.ts'
import { type Migrated, migrate } from './migrate.ts'
import { toStartError } from './startup-error.ts'
import { waitForDatabase } from './wait.ts'

export interface ReachedDatabase {
  url: string
  /** Stops what was started for it, in at most so many milliseconds. */
  close(patience: number): Promise<void>
  /** Tells it to stop, without waiting. */
  abandon(): void
}

export type OpenDatabase = ReachedDatabase & Migrated

type Where = { DATABASE_URL: string | undefined; DATA_DIR: string }

/** Milliseconds for the end of an embedded one that cannot be used. */
const CLOSING = 5000

/**
 * Opens and migrates the database that the settings name.
 *
 * @param signal gives up the start of an embedded one
 */
export async function openDatabase(where: Where, log: Log, signal?: AbortSignal): Promise<OpenDatabase> {
  const reached = await reachDatabase(where, log, signal)
  try {
    return { ...reached, ...(await migrate(reached.url, log)) }
  } catch (error) {
    await reached.close(CLOSING)
    throw where.DATABASE_URL === undefined ? error : toStartError(error)
  }
}

/** The same as it is, without migrating it. */
export async function reachDatabase(
  { DATABASE_URL: url, DATA_DIR: dataDir }: Where,
  log: Log,
  signal?: AbortSignal,
): Promise<ReachedDatabase> {
  if (url !== undefined) {
    await waitForDatabase(url, log).catch((error) => Promise.reject(toStartError(error)))
    return { url, close: async () => {}, abandon() {} }
  }
  const embedded = await startEmbedded({ dataDir, log, signal })
  return { url: embedded.url, close: embedded.stop, abandon: embedded.abandon }
}
