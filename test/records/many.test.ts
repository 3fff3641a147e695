// Writes of many records at once, and of one record by many at once.

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { asAdmin, startApp, startWithAdmin } from '../support/app.ts'

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'code', type: 'string', unique: true },
    { name: 'size', type: 'integer', min: 0 },
    { name: 'note', type: 'string' },
  ],
}

const MERGE = 'resolution=merge-duplicates'

async function start(t: Test) {
  const { app, database } = await startWithAdmin(t, { BODY_LIMIT: 4_000_000 })
  const send = await asAdmin(app)
  await send('POST', '/schemas', THING)
  const count = async (filter = '') => {
    const { headers } = await send('HEAD', `/thing?${filter}`, undefined, { prefer: 'count=exact' })
    return Number(String(headers['content-range']).split('/')[1])
  }
  return { app, database, send, count }
}

t.test('10,000 records in one request', async (t) => {
  const { send, count } = await start(t)
  const rows = Array.from({ length: 10_000 }, (_, size) => ({ code: `c${size}`, size }))
  const made = await send('POST', '/thing?select=code,size', rows)
  t.equal(made.statusCode, 201)
  t.strictSame(made.json(), rows, 'answered in their order')
  const listed = await send('GET', '/thing?select=code,size', undefined, { accept: 'application/x-ndjson' })
  t.equal(listed.body.split('\n').length, 10_001)
  t.equal(listed.body.slice(0, 30), made.body.slice(1, 31).replace(',{', '\n{'), 'and listed in it')

  const more = rows.map(({ code }, at) => ({
    code: at === 7777 ? code : `d${at}`,
    size: at === 99 ? -1 : at,
  }))
  const invalid = await send('POST', '/thing', more)
  t.match(invalid.json(), { status: 400, errors: [{ row: 99, pointer: '/size' }] })
  const valid = more.map((row) => ({ ...row, size: 1 }))
  t.match((await send('POST', '/thing', valid)).json(), {
    status: 409,
    errors: [{ row: 7777, pointer: '/code' }],
  })
  t.equal(await count(), 10_000, 'all or nothing')

  const partial = await send('POST', '/thing', more, { prefer: 'bulk=partial, return=minimal' })
  t.equal(partial.statusCode, 207)
  const statuses: number[] = partial.json().map(({ status }: { status: number }) => status)
  t.same([statuses[99], statuses[7777], statuses.filter((status) => status === 201).length], [400, 409, 9998])

  const merged = await send(
    'POST',
    '/thing?on_conflict=code',
    rows.map((row) => ({ ...row, note: 'new' })),
    {
      prefer: `${MERGE}, return=minimal`,
    },
  )
  t.equal(merged.statusCode, 200)
  t.equal(await count('note=eq.new'), 10_000)
})

t.test('an upsert row by row', async (t) => {
  const { send } = await start(t)
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
  const { app, database, send, count } = await start(t)
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
  const { database, send, count } = await start(t)
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
  await sleep(500)
  await client.query('rollback')
  const answers = await Promise.all(upserts)
  t.same(new Set(answers.map(({ statusCode }) => statusCode)), new Set([200, 201]))
  t.same(
    answers.map((answer) => answer.json().map(({ code }: { code: string }) => code)),
    ['abc', 'cba', 'bac', 'cab'].map((codes) => [...codes]),
  )
  t.equal(await count(), 3)
  // PostgreSQL writes its statistics down after a moment.
  await sleep(1500)
  const { rows } = await client.query(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  )
  t.same(rows, [{ deadlocks: 0 }])
})
