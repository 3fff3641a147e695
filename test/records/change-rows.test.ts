// PATCH with an array: many records, each with its own change, all or none.

import t from 'tap'
import { addUser, as } from '../support/app.ts'
import { MISSING, startThings, type Thing } from '../support/records/things.ts'
import { onStatements } from '../support/sent-statements.ts'

t.test('each row changes the fields that it gives', async (t) => {
  const { send, ids, read } = await startThings(t)
  const [a, b, c] = ids
  const before: Thing[] = await read('id,updated_at')
  const etag = String((await send('GET', `/thing/${a}`)).headers.etag)

  const answer = await send('PATCH', '/thing/', [
    { id: a, size: 10 },
    { id: b.toUpperCase(), name: 'Bob' },
  ])
  t.equal(answer.statusCode, 204, answer.body)
  t.equal(answer.headers['content-range'], '0-1/*')
  t.same(await read(), [
    { name: 'A', code: 'a', size: 10 },
    { name: 'Bob', code: 'b', size: 1 },
    { name: 'C', code: 'c', size: 2 },
  ])
  const after: Thing[] = await read('id,updated_at')
  t.same(
    after.map(({ updated_at }, at) => updated_at !== before[at]?.updated_at),
    [true, true, false],
  )
  t.equal((await send('PATCH', `/thing/${a}`, { size: 9 }, { 'if-match': etag })).statusCode, 412)

  const told = await send('PATCH', '/thing?select=name,size', [{ id: c, size: null }, { id: a }], {
    prefer: 'return=representation, count=exact',
  })
  t.equal(told.statusCode, 200)
  t.same(told.json(), [
    { name: 'C', size: null },
    { name: 'A', size: 10 },
  ])
  t.equal(told.headers['content-range'], '0-1/2')
  t.equal(
    (await read('updated_at'))[0].updated_at,
    after[0]?.updated_at,
    'a row without fields changes nothing',
  )
  const embedded = await send(
    'PATCH',
    '/thing?select=name,of(name)&order=name.desc',
    [
      { id: a, of: b },
      { id: b, of_many: [a, c], of: c },
    ],
    { prefer: 'return=representation' },
  )
  t.same(embedded.json(), [
    { name: 'Bob', of: { name: 'C' } },
    { name: 'A', of: { name: 'Bob' } },
  ])
  t.same((await send('GET', `/thing?of_many=cs.{${c}}&select=name`)).json(), [{ name: 'Bob' }])
  t.equal((await send('PATCH', '/thing', [])).statusCode, 204)
})

t.test('records are named by the fields of on_conflict', async (t) => {
  const { app, send, read } = await startThings(t)
  const prefer = { prefer: 'return=representation' }
  const url = '/thing?on_conflict=code&select=code,size'
  const answer = await send(
    'PATCH',
    url,
    [
      { code: 'b', size: 7 },
      { code: 'a', size: 8 },
    ],
    prefer,
  )
  t.same(answer.json(), [
    { code: 'b', size: 7 },
    { code: 'a', size: 8 },
  ])
  const composite = '/thing?on_conflict=kind,size'
  t.equal((await send('PATCH', composite, [{ kind: 'k', size: 7, name: 'new' }])).statusCode, 204)
  t.equal((await read())[1].name, 'new')
  const bad = await send('PATCH', composite, [
    { kind: 'k', name: 'x' },
    { kind: 5, size: 1 },
    { kind: 'k', size: 99 },
  ])
  t.match(bad.json(), {
    status: 400,
    errors: [
      { row: 0, pointer: '/size', keyword: 'required' },
      { row: 1, pointer: '/kind', keyword: 'type' },
      { row: 2, pointer: '/kind', message: 'names no record' },
    ],
  })
  t.match((await send('PATCH', '/thing?on_conflict=name', [{ name: 'x' }])).json(), {
    code: 'malformed_query',
  })

  // A field that names the record is not written, so it need not be writable.
  await send('PUT', '/schemas/thing/permissions/clerk', {
    read: true,
    update: true,
    fields: { write: ['size'] },
  })
  const clerk = as(app, (await addUser(app, 'clara', 'clerk')).tokens.access_token)
  t.equal((await clerk('PATCH', '/thing?on_conflict=code', [{ code: 'c', size: 3 }])).statusCode, 204)
  t.match((await clerk('PATCH', '/thing?on_conflict=code', [{ code: 'c', name: 'x' }])).json(), {
    status: 400,
    errors: [{ row: 0, pointer: '/name', keyword: 'readOnly' }],
  })
})

t.test('unique values may move from record to record', async (t) => {
  const { send, ids } = await startThings(t)
  const [a, b, c] = ids
  const codes = async () =>
    (await send('GET', '/thing?select=code&order=name')).json().map(({ code }: Thing) => code)
  const swap = [
    { id: a, code: 'b' },
    { id: b, code: 'a' },
  ]
  t.equal((await send('PATCH', '/thing', swap)).statusCode, 204)
  t.same(await codes(), ['b', 'a', 'c'])
  const round = [
    { id: a, code: 'a', size: 1 },
    { id: b, code: 'c', size: 2 },
    { id: c, code: 'b', size: 0 },
  ]
  t.equal((await send('PATCH', '/thing', round)).statusCode, 204)
  t.same(await codes(), ['a', 'c', 'b'])
  const merge = { prefer: 'resolution=merge-duplicates' }
  const handed = [
    { name: 'D', code: 'a' },
    { id: a, name: 'A', code: 'z' },
  ]
  t.equal((await send('POST', '/thing', handed, merge)).statusCode, 201)
  t.same(await codes(), ['z', 'c', 'b', 'a'])
  const kept = [
    { id: a, size: 9 },
    { id: c, code: 'z' },
  ]
  const refused = (await send('PATCH', '/thing', kept)).json()
  t.match(refused, { status: 409, errors: [{ row: 1, message: /another record has this value/ }] })
  t.same(await codes(), ['z', 'c', 'b', 'a'])
})

t.test('a row is read as in an upsert', async (t) => {
  const { send, ids } = await startThings(t)
  const [a] = ids
  t.equal(
    (await send('PATCH', '/thing?columns=id:key,size:Width', [{ key: a, Width: 62, other: 1 }])).statusCode,
    204,
  )
  const coded = '/thing?columns=code:sku,size&on_conflict=code'
  t.equal((await send('PATCH', coded, [{ sku: 'b', size: 63 }])).statusCode, 204)
  t.same((await send('GET', '/thing?select=size&order=name&limit=2')).json(), [{ size: 62 }, { size: 63 }])
  const fields = [
    { name: 'a', type: 'string' },
    { name: 'b', type: 'string' },
    { name: 'c', type: 'string', required: true },
  ]
  await send('POST', '/schemas', {
    entity_name: 'pair',
    fields,
    unique: [{ fields: ['a', 'b'], nulls: 'equal' }],
  })
  await send('POST', '/pair', { a: 'x', c: '1' })
  const named = await send('PATCH', '/pair?on_conflict=a,b', [{ a: 'x', b: null, c: '2' }])
  t.equal(named.statusCode, 204, named.body)
  t.match((await send('PATCH', '/pair?on_conflict=a,b', [{ a: 'x', c: '3' }])).json(), {
    status: 400,
    errors: [{ pointer: '/b', keyword: 'required' }],
  })
  t.match((await send('GET', '/pair')).json(), [{ c: '2' }])

  const ignore = { prefer: 'resolution=ignore-duplicates, return=representation' }
  t.same((await send('POST', '/thing?on_conflict=code', [{ code: 'c', size: 87 }], ignore)).json(), [])
  t.match((await send('POST', '/thing?on_conflict=code', [{ code: 'c' }, { code: 'new' }], ignore)).json(), {
    status: 400,
    errors: [{ row: 1, pointer: '/name', keyword: 'required' }],
  })
})

t.test('all or none: a refusal names every bad row', async (t) => {
  const { send, ids, read } = await startThings(t)
  const [a, b, c] = ids
  const before = await read()
  const table: [string, unknown[], number, object][] = [
    ['no object', [{ id: a, size: 5 }, 5], 400, { errors: [{ row: 1, pointer: '' }] }],
    ['no id', [{ size: 5 }], 400, { errors: [{ row: 0, pointer: '/id', keyword: 'required' }] }],
    ['a null id', [{ id: null }], 400, { errors: [{ row: 0, pointer: '/id' }] }],
    [
      'an id that is none',
      [{ id: 'x', size: 5 }],
      400,
      { errors: [{ row: 0, pointer: '/id', keyword: 'format' }] },
    ],
    [
      'a bad value',
      [
        { id: a, size: 5 },
        { id: b, size: -5 },
      ],
      400,
      { errors: [{ row: 1, pointer: '/size' }] },
    ],
    ['an unknown field', [{ id: a, nope: 5 }], 400, { errors: [{ row: 0, pointer: '/nope' }] }],
    ['a required field unset', [{ id: a, name: null }], 400, { errors: [{ row: 0, pointer: '/name' }] }],
    [
      'missing records',
      [
        { id: MISSING, size: 1 },
        { id: a, size: 5 },
        { id: MISSING.replace('8000-0', '8000-1'), size: 2 },
      ],
      404,
      {
        code: 'records_not_found',
        errors: [
          { row: 0, pointer: '/id' },
          { row: 2, pointer: '/id' },
        ],
      },
    ],
    [
      'one record twice',
      [
        { id: a, size: 5 },
        { id: b, size: 6 },
        { id: a, size: 7 },
      ],
      400,
      { errors: [{ row: 2, pointer: '/id', message: 'names the same record as an earlier row' }] },
    ],
    [
      'a taken value',
      [
        { id: b, code: 'n' },
        { id: a, code: 'c' },
      ],
      409,
      { errors: [{ row: 1, pointer: '/code' }] },
    ],
    [
      'one value twice',
      [
        { id: a, code: 'x' },
        { id: b, code: 'x' },
      ],
      409,
      { errors: [{ row: 1, pointer: '/code' }] },
    ],
    [
      'a missing target',
      [
        { id: b, size: 9 },
        { id: a, of: MISSING },
      ],
      409,
      { errors: [{ row: 1, pointer: '/of' }] },
    ],
    [
      'all of them',
      [{ id: a, size: -1 }, { id: MISSING }, { id: b, code: 'c' }, { id: c, size: 8 }],
      400,
      { errors: [{ row: 0 }, { row: 1 }, { row: 2 }] },
    ],
  ]
  for (const [name, rows, status, match] of table) {
    const { statusCode, body } = await send('PATCH', '/thing', rows)
    t.equal(statusCode, status, `${name}: ${body}`)
    t.match(JSON.parse(body), match, name)
    t.equal(JSON.parse(body).errors.length, (match as { errors: unknown[] }).errors.length, name)
  }
  const both = await send('PATCH', '/thing?size=gt.0', [{ id: a, size: 5 }])
  t.match(both.json(), { status: 400, code: 'malformed_query', detail: /either a filter or an array/ })
  t.match((await send('PATCH', '/thing', { size: 5 })).json(), { code: 'filter_required', hint: /array/ })
  t.match((await send('PATCH', '/thing', [{ id: a }, { id: b }], { prefer: 'max-affected=1' })).json(), {
    code: 'PGRST124',
    details: 'The query affects 2 rows',
  })
  const rolled = { prefer: 'tx=rollback, return=representation' }
  t.match((await send('PATCH', '/thing', [{ id: a, size: 77 }], rolled)).json(), [{ size: 77 }])
  t.same(await read(), before, 'nothing has changed')
  const swap = [
    { id: a, name: 'x' },
    { id: b, name: 'y' },
  ]
  t.equal(
    (await send('PATCH', '/thing', swap, { prefer: 'max-affected=2, handling=strict' })).statusCode,
    204,
  )
  t.match((await send('PATCH', '/thing?columns=name', [{ id: a, name: 'z', size: 'no' }])).statusCode, 204)
})

t.test('a chain of rows that want values which do not come free is given up after some tries', async (t) => {
  const { send } = await startThings(t)
  const made = Array.from({ length: 60 }, (_, n) => ({ name: `n${n}`, code: `k${n}` }))
  const rows: Thing[] = (await send('POST', '/thing', made)).json()
  let statements = 0
  onStatements(t, (sent) => {
    statements += sent.filter(({ text = '' }) => text.includes('update record')).length
  })
  // Each takes the next one's, the last that of a record which keeps it.
  const chain = rows.map(({ id }, n) => ({ id, code: n === 59 ? 'a' : `k${n + 1}` }))
  const refused = await send('PATCH', '/thing', chain)
  t.equal(refused.statusCode, 409)
  t.match(refused.json().errors.at(-1), { row: 59, pointer: '/code' })
  t.ok(statements < 60, `${statements} statements`)
  const partial = await send('PATCH', '/thing', chain, { prefer: 'bulk=partial' })
  const statuses: { status: number }[] = partial.json()
  t.strictSame([...new Set(statuses.map(({ status }) => status))], [409])
  const turned = rows.map(({ id }, n) => ({ id, code: `k${(n + 1) % 60}` }))
  t.equal((await send('PATCH', '/thing', turned)).statusCode, 204)
})
