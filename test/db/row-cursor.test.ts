// A stream's batches are bounded by rows and by bytes: large rows that follow small ones come in small batches.

import t from 'tap'
import { startWithAdmin } from '../support/app.ts'

t.test('large rows behind small ones', async (t) => {
  const { app } = await startWithAdmin(t)
  const tenant = await app.directory.tenantByName('default')
  if (tenant === null) throw new Error('no tenant')
  const text = `select repeat('a', case when n <= $1 then 10 else 950000 end) from generate_series(1, 1600) n`
  const cursor = await app.db.stream(tenant, { text, values: [1570] })
  const batches: { rows: number; bytes: number }[] = []
  for (let rows = await cursor.next(); rows.length > 0; rows = await cursor.next())
    batches.push({ rows: rows.length, bytes: rows.reduce((sum, [line]) => sum + (line?.length ?? 0), 0) })
  await cursor.close()
  t.same(
    batches.slice(0, 3).map(({ rows }) => rows),
    [50, 500, 500],
    'small rows come many at once',
  )
  t.equal(
    batches.reduce((sum, { rows }) => sum + rows, 0),
    1600,
  )
  t.ok(batches.every(({ bytes }) => bytes < 262_144 + 950_000))
})
