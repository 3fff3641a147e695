// PATCH with an array as far as each row can be changed, by callers with rights to some, over several batches; and merges.

import t from 'tap'
import { addUser, as } from '../support/app.ts'
import { MISSING, startThings, type Thing } from '../support/records/things.ts'

t.test('row by row', async (t) => {
  const { send, ids, read } = await startThings(t)
  const [a, b, c] = ids
  const rows = [
    { id: a, size: 5 },
    { id: MISSING, size: 5 },
    { id: b, code: 'c' },
    { id: c, size: -1 },
    { id: a, size: 6 },
  ]
  const answer = await send('PATCH', '/thing?select=size', rows, {
    prefer: 'bulk=partial, return=representation',
  })
  t.equal(answer.statusCode, 207)
  t.match(answer.json(), [
    { status: 200, record: { size: 5 } },
    { status: 404, errors: [{ pointer: '/id' }] },
    { status: 409, errors: [{ pointer: '/code' }] },
    { status: 400, errors: [{ pointer: '/size' }] },
    { status: 400, errors: [{ message: 'names the same record as an earlier row' }] },
  ])
  const bare = await send('PATCH', '/thing', [{ id: b, size: 50 }], { prefer: 'bulk=partial' })
  t.same(bare.json(), [{ status: 200 }])
  t.same(await read('size'), [{ size: 5 }, { size: 50 }, { size: 2 }])
})

t.test('whose records, and which of them', async (t) => {
  const { app, send, ids, read } = await startThings(t)
  const [a, b, c] = ids
  await send('PUT', '/schemas/thing/permissions/clerk', { read: 'size=lt.2', update: 'size=eq.1' })
  const clerk = as(app, (await addUser(app, 'clara', 'clerk')).tokens.access_token)
  const before = await read()
  const hidden = (await clerk('PATCH', '/thing', [{ id: c, name: 'x' }])).json()
  const missing = (await clerk('PATCH', '/thing', [{ id: MISSING, name: 'x' }])).json()
  t.same({ ...hidden, request_id: '' }, { ...missing, request_id: '' }, 'what may not be read does not exist')
  t.match(
    (
      await clerk('PATCH', '/thing', [
        { id: b, name: 'x' },
        { id: a, name: 'x' },
      ])
    ).json(),
    {
      status: 403,
      detail: 'row 1: /id names a record that you may not change',
      errors: [{ row: 1, pointer: '/id' }],
    },
  )
  t.match((await clerk('PATCH', '/thing', [{ id: b, size: 0, kind: 'z' }])).json(), {
    status: 403,
    code: 'row_not_allowed',
  })
  t.same(await read(), before)
  t.equal((await clerk('PATCH', '/thing', [{ id: b, name: 'mine' }])).statusCode, 204)
  await send('PUT', '/schemas/thing/permissions/clerk', { read: true })
  t.equal((await clerk('PATCH', '/thing', [{ id: b, name: 'x' }])).statusCode, 403)
})

t.test('many rows, over several batches', async (t) => {
  const { send } = await startThings(t, { MAX_ROWS: 2500, MAX_CELLS: 5000 })
  const made: Thing[] = []
  const large = { prefer: 'return=representation' }
  const news = (size: number) => ({ name: 'n', size, kind: 'many' })
  for (let part = 0; part < 5; part++)
    made.push(
      ...(
        await send(
          'POST',
          '/thing?select=id',
          Array.from({ length: 500 }, (_, at) => news(part * 500 + at)),
          large,
        )
      ).json(),
    )
  const rows = made.map(({ id }, at) => ({ id, name: `n${at}`, code: `m${at}` }))
  t.equal((await send('PATCH', '/thing', rows)).statusCode, 204)
  const twice = [...rows.slice(0, 2000), { ...rows[0] }]
  t.match((await send('PATCH', '/thing', twice)).json(), {
    status: 400,
    errors: [{ row: 2000, pointer: '/id' }],
  })
  t.match((await send('PATCH', '/thing', [...rows, { id: MISSING }])).json(), { code: 'too_many_rows' })
  const wide = rows.map((row) => ({ ...row, kind: 'x' }))
  t.match((await send('PATCH', '/thing', wide)).json(), {
    code: 'too_many_rows',
    detail: /7500 fields.*MAX_CELLS/,
  })
  const { headers } = await send('HEAD', '/thing?code=like.m*', undefined, { prefer: 'count=exact' })
  t.match(headers['content-range'], /\/2500$/)
})

t.test('a merge asks for given fields only where the record exists', async (t) => {
  const { send, read } = await startThings(t)
  const url = '/thing?on_conflict=code'
  const merge = { prefer: 'resolution=merge-duplicates' }
  const changed = await send(
    'POST',
    url,
    [
      { code: 'a', size: 30 },
      { code: 'b', size: 40 },
    ],
    merge,
  )
  t.equal(changed.statusCode, 200, changed.body)
  t.equal((await send('POST', url, { code: 'c', size: 50 }, merge)).statusCode, 200)
  t.same(await read(), [
    { name: 'A', code: 'a', size: 30 },
    { name: 'B', code: 'b', size: 40 },
    { name: 'C', code: 'c', size: 50 },
  ])
  const mixed = [{ code: 'a', size: 60 }, { code: 'new', size: 1 }, { code: 'good', name: 'G' }, { size: 2 }]
  const refused = await send('POST', url, mixed, merge)
  t.match(refused.json(), {
    status: 400,
    code: 'invalid_body',
    errors: [
      { row: 1, pointer: '/name', keyword: 'required' },
      { row: 3, pointer: '/name', keyword: 'required' },
    ],
  })
  const alone = (await send('POST', url, { code: 'new' }, merge)).json()
  t.match(alone, { status: 400, errors: [{ pointer: '/name' }] })
  t.equal(alone.errors[0].row, undefined)
  const partial = await send('POST', url, mixed, { prefer: `${merge.prefer}, bulk=partial` })
  t.same(
    partial.json().map(({ status }: { status: number }) => status),
    [200, 400, 201, 400],
  )
  t.equal((await send('POST', url, { code: 'a', name: null }, merge)).statusCode, 400)
  t.equal((await send('POST', '/thing', { code: 'z' })).statusCode, 400)
  const ndjson = { ...merge, 'content-type': 'application/x-ndjson' }
  t.equal(
    (await send('POST', url, '{"code":"a","size":70}\n{"code":"b","size":80}\n', ndjson)).statusCode,
    200,
  )
})
