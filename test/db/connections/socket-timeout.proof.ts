// How long requests wait for a database that has fallen silent.
import t from 'tap'
import { startApp } from '../../support/app.ts'
import { startWay } from '../../support/db/silent-way.ts'
import { createTestDatabase } from '../../support/test-database.ts'

t.test('a database that falls silent is given up within seconds', async (t) => {
  const database = await createTestDatabase(t)
  const way = await startWay(t, database.url)
  const silent = { ...database, url: way.url, connectTimeout: 5000 }
  const app = await startApp(t, silent, { STATEMENT_TIMEOUT: 500 })
  const ask = () => app.inject('/health/ready').then(({ statusCode }) => statusCode)
  t.equal(await ask(), 200)
  way.silent = true
  const since = performance.now()
  for (let round = 1; round <= 2; round++)
    t.same(await Promise.all([ask(), ask(), ask()]), [503, 503, 503], `round ${round}`)
  t.ok(performance.now() - since < 25_000, `${performance.now() - since} ms`)
})
