// Upserts: row by row, of one record by many at once, and of the same records in any order.

import pg from 'pg'
import t from 'tap'
import { asAdmin, startApp } from '../support/app.ts'
import { untilLockWaits } from '../support/lock-waits.ts'
import { startCoded } from '../support/records/many.ts'
import { until } from '../support/until.ts'

const MERGE = 'resolution=merge-duplicates'

t.test('an upsert row by row', async (t) => {
  const { send } = await startCoded(t)
  await send('POST', '/thing', [
    { code: 'a', size: 1, note: 'kept' },
    { code: 'b', size: 2 },
  ])
  const rows = [
    { code: 'a', size: 10 },
    { code: 'b', size: -1 },
    { code: 'c', size: 3 },
    { code: 'a', size: 11 },
    { size: 5 },
  ]
  const url = '/thing?on_conflict=code&select=code,size,note'
  const merged = await send('POST', url, rows, { prefer: `bulk=partial, ${MERGE}` })
  t.equal(merged.statusCode, 207)
  t.match(merged.json(), [
    { status: 200, record: { code: 'a', size: 10, note: 'kept' } },
    { status: 400, errors: [{ pointer: '/size' }] },
    { status: 201, record: { code: 'c', size: 3 } },
    { status: 409, errors: [{ pointer: '/code' }] },
    { status: 201, record: { code: null, size: 5 } },
  ])
  const ignored = await send('POST', url, rows, { prefer: 'bulk=partial, resolution=ignore-duplicates' })
  t.same(
    ignored
      .json()
      .map(({ status, record }: { status: number; record?: object }) => [status, record !== undefined]),
    [
      [200, false],
      [400, false],
      [200, false],
      [200, false],
      [201, true],
    ],
  )
})

t.test('many upserts of one key at once, on two instances, make one record', async (t) => {
  const { app, database, send, count } = await startCoded(t)
  const other = await asAdmin(await startApp(t, database))
  const senders = [send, other]
  const upserts = Array.from({ length: 24 }, (_, at) => {
    const rows = [
      { code: 'same', size: at },
      { code: `own${at}`, size: at },
      { code: 'too', note: `n${at}` },
    ]
    const prefer = at % 4 === 3 ? 'resolution=ignore-duplicates' : MERGE
    // In either order: whoever locks in another order than its neighbour waits for it in a circle.
    return senders[at % 2]?.('POST', '/thing?on_conflict=code', at % 3 ? rows : rows.reverse(), { prefer })
  })
  const answers = await Promise.all(upserts)
  t.same([...new Set(answers.map((answer) => answer?.statusCode))], [201])
  t.equal(await count(), 26)
  const [same] = (await send('GET', '/thing?code=eq.same')).json()
  t.ok(same.size >= 0 && same.size < 24)
  t.equal(app.pg.pool.waitingCount, 0)

  const csv = Array.from({ length: 6 }, (_, at) =>
    senders[at % 2]?.('POST', '/thing?on_conflict=code', `code,size\nsame,${at}\nfile,${at}`, {
      'content-type': 'text/csv',
      prefer: MERGE,
    }),
  )
  for (const answer of await Promise.all(csv)) t.match(answer?.statusCode, /20[01]/)
  t.equal(await count('code=in.(same,file)'), 2)
})

t.test('upserts of the same keys in another order do not wait for each other', async (t) => {
  const { app, database, send, count } = await startCoded(t)
  await send('POST', '/thing', { code: 'b' })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  await client.query('create temporary table held as select * from record; delete from record')
  await client.query('begin; insert into record select * from held')
  const upserts = ['abc', 'cba', 'bac', 'cab'].map((codes) => {
    const rows = [...codes].map((code) => ({ code }))
    return send('POST', '/thing?on_conflict=code', rows, { prefer: MERGE })
  })
  // Of one tenant no more may wait at once.
  await untilLockWaits(client, 2)
  await client.query('rollback')
  const answers = await Promise.all(upserts)
  t.same(new Set(answers.map(({ statusCode }) => statusCode)), new Set([200, 201]))
  t.same(
    answers.map((answer) => answer.json().map(({ code }: { code: string }) => code)),
    ['abc', 'cba', 'bac', 'cab'].map((codes) => [...codes]),
  )
  t.equal(await count(), 3)
  // A connection's statistics are written down when it ends, at the latest.
  await app.close()
  const others = 'select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()'
  await until(async () => (await client.query(others)).rowCount === 0)
  const { rows } = await client.query(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  )
  t.same(rows, [{ deadlocks: 0 }])
})
