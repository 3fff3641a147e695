// The exclusive lock of an entity for a moment: writers queue behind whoever waits for it, so it is not waited for long, and
// tried again where a long write holds it.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Queryable } from '../../db/statement.ts'
import { type Awaited, requireClient } from '../../db/while-awaited.ts'
import { errorCode, LOCK_NOT_AVAILABLE } from '../../errors/codes.ts'
import { errors } from '../../errors.ts'

/** Milliseconds that writers may have to wait behind the change. */
const PATIENCE_MS = 200

/** An import may hold its entity for ten minutes. */
const LONGEST_MS = 660_000

const [SHORTEST_PAUSE, LONGEST_PAUSE] = [50, 1000]

/** Locks writers out until the transaction ends, or fails with LOCK_NOT_AVAILABLE. */
export async function lockBriefly(tx: Queryable, entityId: number): Promise<void> {
  await tx.query(`set local statement_timeout = 0; set local lock_timeout = ${PATIENCE_MS}`)
  await tx.query('select pg_advisory_xact_lock($1)', [entityId])
}

/** Runs a transaction that needs the lock, again until it gets it; errors.unavailable, errors.clientGone. */
export async function untilLocked<T>(work: () => Promise<T>, request: Awaited = {}): Promise<T> {
  let pause = SHORTEST_PAUSE
  for (const end = performance.now() + LONGEST_MS; performance.now() < end; ) {
    requireClient(request)
    try {
      return await work()
    } catch (error) {
      if (errorCode(error) !== LOCK_NOT_AVAILABLE) throw error
    }
    await sleep(pause * (1 + Math.random()))
    pause = Math.min(2 * pause, LONGEST_PAUSE)
  }
  throw errors.unavailable()
}
