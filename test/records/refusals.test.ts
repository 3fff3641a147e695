// The words of refusals of records: what holds a value, and which row of the body it is.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'code', type: 'string', unique: true },
    { name: 'a', type: 'string' },
    { name: 'b', type: 'string' },
  ],
  unique: [['a', 'b']],
}

async function start(test: typeof t) {
  const { app } = await startWithAdmin(test)
  const send = await asAdmin(app)
  await send('POST', '/schemas', THING)
  return send
}

t.test('the refusal of a value that is repeated in a body names the row that has it', async (t) => {
  const send = await start(t as never)
  await send('POST', '/thing', { code: 'old' })
  const rows = [
    { code: 'x' },
    { code: 'old' },
    { code: 'y', a: '1', b: '2' },
    { code: 'x' },
    { a: '1', b: '2' },
  ]
  const expected = [
    { row: 1, pointer: '/code', message: 'is taken: another record has this value' },
    { row: 3, pointer: '/code', message: 'is taken: row 0 of this body has this value' },
    { row: 4, pointer: '/a', message: 'together with b is taken: row 2 of this body has these values' },
  ]
  const refused = await send('POST', '/thing', rows)
  t.equal(refused.statusCode, 409)
  t.match(refused.json().errors, expected)
  const partial = await send('POST', '/thing', rows, { prefer: 'bulk=partial, tx=rollback' })
  const outcomes = partial.json() as { errors?: { message: string }[] }[]
  t.strictSame(
    outcomes.flatMap(({ errors = [] }) => errors.map(({ message }) => message)),
    expected.map(({ message }) => message),
  )
  const lines = await send('POST', '/thing', 'code\nx\nold\nx\n', { 'content-type': 'text/csv' })
  t.equal(lines.statusCode, 409)
  const [, repeated] = lines.json().errors
  t.match(repeated.message, /^is taken: row \d of this body has this value$/)
})

t.test('upserts and long bodies, too', async (t) => {
  const send = await start(t as never)
  const merge = { prefer: 'resolution=merge-duplicates' }
  const refused = await send(
    'POST',
    '/thing?on_conflict=code',
    [{ code: 'x' }, { code: 'y' }, { code: 'x' }],
    merge,
  )
  t.match(refused.json().errors, [{ row: 2, message: 'is taken: row 0 of this body has this value' }])
  const long = Array.from({ length: 1203 }, (_, at) => ({ code: String(at % 1202) }))
  const late = await send('POST', '/thing', long)
  t.match(late.json().errors, [
    { row: 1202, message: 'is taken: an earlier row of this body has this value' },
  ])
  const upserted = long.map(({ code }, at) => ({ code, a: String(at), b: 'x' }))
  t.match((await send('POST', '/thing?on_conflict=a,b', upserted, merge)).json().errors, [
    { row: 1202, pointer: '/code', message: 'is taken: an earlier row of this body has this value' },
  ])
  const within = [...Array(1100).keys()].map((at) => ({ code: at === 1099 ? 'c1050' : `c${at}` }))
  t.match((await send('POST', '/thing', within)).json().errors, [
    { row: 1099, message: 'is taken: row 1050 of this body has this value' },
  ])
})

t.test('a refusal of a file names the lines of the file, of both rows', async (t) => {
  const send = await start(t as never)
  const bodies = [
    [
      'text/csv',
      'code,a\n"x\ny",1\nc,1\n\nc,2\n',
      'row 6: /code is taken: row 4 of this body has this value',
    ],
    ['text/csv', 'code,a\n,1\nc,"1\n2"\nc,2\n', 'row 5: /code is taken: row 3 of this body has this value'],
    [
      'application/x-ndjson',
      '{"code":"k"}\n\n{"code":"k"}\n',
      'row 3: /code is taken: row 1 of this body has this value',
    ],
  ] as const
  for (const [type, body, detail] of bodies) {
    const refused = await send('POST', '/thing', body, { 'content-type': type })
    t.match(refused.json(), { status: 409, detail })
    const partial = { 'content-type': type, prefer: 'bulk=partial, tx=rollback' }
    const outcomes = (await send('POST', '/thing', body, partial)).json() as {
      errors?: { message: string }[]
    }[]
    const [message] = outcomes.flatMap(({ errors = [] }) => errors.map((one) => one.message))
    t.equal(message, detail.replace(/^.*\/code /, ''))
  }
  const lines = `code\n${Array.from({ length: 1100 }, (_, at) => `n${at % 1099}\n`).join('')}`
  t.match((await send('POST', '/thing', lines, { 'content-type': 'text/csv' })).json().errors, [
    { row: 1101, message: 'is taken: an earlier row of this body has this value' },
  ])
})

t.test('a change of several that gives all one unique value says so', async (t) => {
  const send = await start(t as never)
  await send('POST', '/thing', [{ code: '1' }, { code: '2' }])
  const taken = (code: string) => send('PATCH', '/thing?id=not.is.null', { code })
  t.match((await taken('same')).json(), {
    status: 409,
    detail: '/code is taken: several of the records that the filter matches would have this value',
  })
  t.match((await taken('1')).json().errors, [{ message: 'is taken: another record has this value' }])
})

t.test('one thing is not several', async (t) => {
  const send = await start(t as never)
  const fields = [
    { name: 'd', type: 'decimal', precision: 2, scale: 1 },
    { name: 'j', type: 'json', max_size: 1 },
  ]
  t.equal((await send('POST', '/schemas', { entity_name: 'small', fields })).statusCode, 201)
  const { detail } = (await send('POST', '/small', { d: '12.34', j: 12 })).json()
  t.match(detail, /at most 1 digit after the point/)
  t.match(detail, /at most 1 digit before the point/)
  t.match(detail, /at most 1 byte; it has 2/)
  await send('POST', '/small', {})
  const affected = await send('DELETE', '/small?id=not.is.null', undefined, {
    prefer: 'handling=strict, max-affected=0',
  })
  t.match(affected.json().detail, /would write 1 record and/)
  const beyond = await send('GET', '/small?offset=5', undefined, { prefer: 'count=exact' })
  t.match(beyond.json().detail, /there is only 1 record\.$/)
})

t.test('a definition names a field once', async (t) => {
  const send = await start(t as never)
  await send('POST', '/thing', [
    { a: '1', b: '1' },
    { a: '1', b: '2' },
  ])
  const [code, a, b] = THING.fields
  const refused = await send('PUT', '/schemas/thing', { fields: [code, { ...a, unique: true }, b] })
  t.equal(refused.statusCode, 409, refused.body)
  t.match(refused.json().detail, /^\/a must be unique: /)
})

t.test('the order of one related record is refused, with the order of the records by it', async (t) => {
  const send = await start(t as never)
  const fields = [
    { name: 'title', type: 'string' },
    { name: 'thing', type: 'relation', entity: 'thing' },
    { name: 'things', type: 'relation', entity: 'thing', many: true },
  ]
  await send('POST', '/schemas', { entity_name: 'note', fields })
  await send('POST', '/schemas', {
    entity_name: 'box',
    fields: [{ name: 'notes', type: 'relation', entity: 'note', many: true }],
  })
  for (const url of [
    '/note?select=title,thing(code)&thing.order=code',
    '/note?select=title,of:thing(code)&of.order=code.desc',
    '/box?select=notes(title,thing(code))&notes.thing.order=code',
  ]) {
    const refused = await send('GET', url)
    t.match(
      refused.json(),
      { status: 400, code: 'malformed_query', detail: /is one record and has no order/ },
      url,
    )
    const [, advised = ''] = /Write (\S+)/.exec(refused.json().hint) ?? []
    t.equal((await send('GET', url.replace(/&.*/, `&${advised}`))).statusCode, 200, advised)
  }
  t.equal((await send('GET', '/note?select=thing(code)&thing.limit=0')).statusCode, 400)
  t.equal((await send('GET', '/note?select=things(code)&things.order=code')).statusCode, 200)
})

t.test('a list of ids is embedded in its order, unless another is asked for', async (t) => {
  const send = await start(t as never)
  const fields = [{ name: 'things', type: 'relation', entity: 'thing', many: true }]
  await send('POST', '/schemas', { entity_name: 'list', fields })
  const made = (
    await send(
      'POST',
      '/thing',
      ['b', 'c', 'a', 'd'].map((code) => ({ code })),
    )
  ).json()
  const ids = [3, 0, 2, 1].map((at) => made[at].id)
  await send('POST', '/list', { things: ids })
  const codes = async (query: string) => {
    const [list] = (await send('GET', `/list?${query}`)).json()
    return list.things.map(({ code }: { code: string }) => code).join('')
  }
  t.equal(await codes('select=things(code)'), 'dbac')
  t.equal(await codes('select=things(code)&things.limit=2&things.offset=1'), 'ba')
  t.equal(await codes('select=things(code)&things.code=neq.b'), 'dac')
  t.equal(await codes('select=things(code)&things.order=code'), 'abcd')
  t.equal(await codes('select=things(code)&things.order=id'), 'bcad')
})
