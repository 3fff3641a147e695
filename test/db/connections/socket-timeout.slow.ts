// A network that breaks without a word: what is sent is swallowed, and nothing comes back.

import t from 'tap'
import { ensureFirstAdmin } from '../../../lib/auth/account-recovery-store.ts'
import { ADMIN, signIn, startApp } from '../../support/app.ts'
import { startWay } from '../../support/db/silent-way.ts'
import { createTestDatabase } from '../../support/test-database.ts'

t.test('a database that falls silent is met with 503, and with 200 when it speaks again', async (t) => {
  const database = await createTestDatabase(t)
  const way = await startWay(t, database.url)
  const app = await startApp(
    t,
    { ...database, url: way.url, connectTimeout: 2000 },
    { STATEMENT_TIMEOUT: 500 },
  )
  await ensureFirstAdmin(app, ADMIN)
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const headers = { authorization: `Bearer ${access_token}` }
  const ask = (url: string) => app.inject({ url, headers }).then(({ statusCode }) => statusCode)
  t.equal(await ask('/schemas/'), 200)
  way.silent = true
  const paths = ['/schemas/', '/auth/me', '/auth/users', '/nothing/', '/health/ready']
  for (let round = 1; round <= 2; round++)
    t.same(await Promise.all(paths.map(ask)), [503, 503, 503, 503, 503], `round ${round}`)
  way.silent = false
  t.equal(await ask('/schemas/'), 200)
})

t.test('a transaction that takes its time is no silence', async (t) => {
  const app = await startApp(t, await createTestDatabase(t), { STATEMENT_TIMEOUT: 200 })
  await ensureFirstAdmin(app, ADMIN)
  const tenant = await app.directory.tenantByName('default')
  if (tenant === null) throw new Error('there is no tenant')
  const rows = await app.db.transaction(tenant, [], async (tx) => {
    await tx.query('set local statement_timeout = 0')
    return (await tx.query<{ done: string }>(`select 'well' as done from pg_sleep(1.8)`)).rows
  })
  t.same(rows, [{ done: 'well' }])
})
