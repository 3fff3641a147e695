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

t.test('a value that is repeated in a body is told of the row that has it', async (t) => {
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
  t.equal(late.statusCode, 409)
  const within = [...Array(1100).keys()].map((at) => ({ code: at === 1099 ? 'c1050' : `c${at}` }))
  t.match((await send('POST', '/thing', within)).json().errors, [
    { row: 1099, message: 'is taken: row 1050 of this body has this value' },
  ])
})

t.test('a change of many that would give them one value says so', async (t) => {
  const send = await start(t as never)
  await send('POST', '/thing', [{ code: 'x' }, { code: 'y' }])
  const refused = await send('PATCH', '/thing?code=in.(x,y)', { code: 'z' })
  t.match(refused.json(), {
    status: 409,
    errors: [{ pointer: '/code', message: 'is taken: several records would have this value' }],
  })
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
