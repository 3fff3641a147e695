// Writes of ten thousand records at once.
import t from 'tap'
import { startCoded } from '../support/records/many.ts'

t.test('10,000 records in one request', async (t) => {
  const { send, count } = await startCoded(t)
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
      prefer: 'resolution=merge-duplicates, return=minimal',
    },
  )
  t.equal(merged.statusCode, 200)
  t.equal(await count('note=eq.new'), 10_000)
})
