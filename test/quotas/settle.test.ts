// The database's own counting, where writers meet.

import { randomUUID } from 'node:crypto'
import pg from 'pg'
import t, { type Test } from 'tap'
import { untilLockWaits } from '../support/lock-waits.ts'
import { createTestDatabase } from '../support/test-database.ts'

const PARTS = 16

interface Writer {
  client: pg.Client
  /** The part that it counts in. */
  part: number
}

/** Connections that count in different parts, none of them in the first. */
async function connectApart(test: Test, url: string, count: number): Promise<Writer[]> {
  const apart = new Map<number, Writer>()
  while (apart.size < count) {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    test.teardown(() => client.end())
    const { rows } = await client.query(`select pg_backend_pid() % ${PARTS} as part`)
    if (rows[0].part > 0 && !apart.has(rows[0].part)) apart.set(rows[0].part, { client, ...rows[0] })
  }
  return [...apart.values()]
}

t.test('writers whose parts are too small when they get them do not wait for each other', async (t) => {
  const { url } = await createTestDatabase(t)
  const [first, others, ...writers] = await connectApart(t, url, 4)
  if (!first || !others) throw new Error('no connections')
  const tenant = randomUUID()
  await first.client.query(`insert into tenant (id, name) values ($1, 'acme')`, [tenant])
  await first.client.query(
    `insert into quota_part (tenant_id, quota, part, free)
     select $1, 'records', n, (n = 0 or n = any($2))::int from generate_series(0, ${PARTS - 1}) n`,
    [tenant, writers.map(({ part }) => part)],
  )
  await first.client.query('begin; select from quota_part where part = 0 for update')
  await others.client.query('begin; update quota_part set free = 0 where part > 0')
  const settled = writers.map(({ client }) =>
    client.query(`select settle_quota($1, 'records', 1)`, [tenant]).then(
      () => 'taken',
      ({ code }) => code,
    ),
  )
  const watcher = new pg.Client({ connectionString: url })
  await watcher.connect()
  t.teardown(() => watcher.end())
  await untilLockWaits(watcher, writers.length)
  await others.client.query('commit')
  // One of them takes what is left elsewhere; the rest wait for the part that is held still.
  await untilLockWaits(watcher)
  await first.client.query('commit')
  t.same((await Promise.all(settled)).sort(), ['UV002', 'taken'])
})
