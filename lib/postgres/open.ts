// The database of a server, ready for work: the one of DATABASE_URL, or an embedded PostgreSQL below DATA_DIR.
// Goes out: its URL, the role to work as, and how to let go of it. Refuses what cannot be reached or migrated.

import type { Log } from '../process/log.ts'
import { startEmbedded } from './embedded/embedded.ts'
import { type Migrated, migrate } from './migrate.ts'
import { toStartError } from './startup-error.ts'
import { waitForDatabase } from './wait.ts'

export interface OpenDatabase extends Migrated {
  url: string
  /** Stops what was started for it, in at most so many milliseconds. */
  close(patience: number): Promise<void>
  /** Tells it to stop, without waiting. */
  abandon(): void
}

/**
 * Opens and migrates the database that the settings name.
 *
 * @param signal gives up the start of an embedded one
 */
export async function openDatabase(
  { DATABASE_URL: url, DATA_DIR: dataDir }: { DATABASE_URL: string | undefined; DATA_DIR: string },
  log: Log,
  signal?: AbortSignal,
): Promise<OpenDatabase> {
  if (url !== undefined) {
    const migrated = await waitAndMigrate(url, log).catch((error) => Promise.reject(toStartError(error)))
    return { url, ...migrated, close: async () => {}, abandon() {} }
  }
  const embedded = await startEmbedded({ dataDir, log, signal })
  try {
    const migrated = await migrate(embedded.url, log)
    return { ...migrated, url: embedded.url, close: embedded.stop, abandon: embedded.abandon }
  } catch (error) {
    await embedded.stop()
    throw error
  }
}

async function waitAndMigrate(url: string, log: Log): Promise<Migrated> {
  await waitForDatabase(url, log)
  return migrate(url, log)
}
