// The shared connections for cheap reads: answers find their askers, a refused statement harms no other, and a lost
// connection is replaced.

import pg from 'pg'
import t from 'tap'
import type { Statement } from '../../../lib/db/statement.ts'
import { errorCode, STALE_EPOCH } from '../../../lib/errors/codes.ts'
import { startWithAdmin } from '../../support/app.ts'

async function startScope(test: typeof t) {
  const { app, database } = await startWithAdmin(test as never)
  const tenant = await app.directory.tenantByName('default')
  if (tenant === null) throw new Error('no tenant')
  return { app, database, tenant }
}

const echo = (value: number): Statement => ({ text: 'select $1::text', values: [value], cost: 'row' })

t.test('many statements at once each get their own answer', async (t) => {
  const { app, tenant } = await startScope(t as never)
  const numbers = Array.from({ length: 200 }, (_, at) => at)
  const answers = await Promise.all(numbers.map((n) => app.db.read(tenant, echo(n))))
  t.same(
    answers,
    numbers.map((n) => [[String(n)]]),
  )
})

t.test('a stale or broken statement among them fails alone', async (t) => {
  const { app, tenant } = await startScope(t as never)
  const stale = { ...tenant, epoch: tenant.epoch - 1 }
  const work = [
    app.db.read(tenant, echo(1)),
    app.db.read(stale, echo(2)),
    app.db.read(tenant, { text: 'select 1 / $1::int', values: [0], cost: 'row' }),
    app.db.read(tenant, echo(2)),
  ]
  const outcomes = await Promise.allSettled(work)
  t.same(
    outcomes.map((o) => (o.status === 'fulfilled' ? o.value[0]?.[0] : errorCode(o.reason))),
    ['1', STALE_EPOCH, '22012', '2'],
  )
})

t.test('a lost connection is replaced by the next statement', async (t) => {
  const { app, database, tenant } = await startScope(t as never)
  await Promise.all([1, 2].map((n) => app.db.read(tenant, echo(n))))
  const admin = new pg.Client({ connectionString: database.url })
  await admin.connect()
  await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`)
  await admin.end()
  // What was on its way is lost with the connection; what comes after the loss is known works.
  for (let tries = 0; tries < 50; tries++) await app.db.read(tenant, echo(0)).catch(() => {})
  t.same(await app.db.read(tenant, echo(3)), [['3']])
})
