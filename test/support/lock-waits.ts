// Who waits for a lock in a database, as PostgreSQL tells it.
import type pg from 'pg'
import { until } from './until.ts'

/** Waits until so many connections to the database wait for a lock. */
export async function untilLockWaits(client: pg.ClientBase, count = 1): Promise<void> {
  const text = `select count(*)::int as n from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`
  await until(async () => (await client.query(text)).rows[0].n >= count, `${count} wait for a lock`)
}
