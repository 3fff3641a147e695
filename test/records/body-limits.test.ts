// MAX_ROWS and MAX_CELLS: a longer array is refused before anything is done with its rows; CSV and NDJSON have no such bound.

import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { onStatements } from '../support/sent-statements.ts'

const fields = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ name: `f${at}`, type: 'integer' }))

t.test('rows and cells of a JSON array are bounded', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', { entity_name: 'narrow', fields: fields(1) })
  await send('POST', '/schemas', { entity_name: 'wide', fields: fields(490) })
  const json = { 'content-type': 'application/json' }
  const many = (rows: number, row = '{}') => `[${Array(rows).fill(row)}]`
  const table = [
    { url: '/narrow', rows: 10_001, limit: '10000 (MAX_ROWS)' },
    { url: '/narrow', rows: 340_000, limit: '10000 (MAX_ROWS)' },
    { url: '/wide', rows: 340_000, limit: '10000 (MAX_ROWS)' },
    { url: '/wide', rows: 3000, limit: '1000000 (MAX_CELLS)' },
    { url: '/wide', rows: 2041, limit: '1000000 (MAX_CELLS)' },
  ]
  const preferences = [
    '',
    'bulk=partial',
    'resolution=merge-duplicates',
    'tx=rollback',
    'missing=default, return=minimal',
  ]
  let statements = 0
  onStatements(t, (sent) => {
    statements += sent.filter(({ text }) => text?.includes('record')).length
  })
  for (const { url, rows, limit } of table)
    for (const prefer of preferences) {
      const { statusCode, body } = await send('POST', url, many(rows), { ...json, prefer })
      const problem = JSON.parse(body)
      t.match(
        { statusCode, ...problem },
        { statusCode: 413, code: 'too_many_rows' },
        `${url} ${rows} ${prefer}`,
      )
      t.match(problem.detail, limit)
      t.match(problem.hint, /application\/x-ndjson.*text\/csv/)
    }
  t.equal(statements, 0, 'no record was looked at')

  t.equal((await send('POST', '/narrow?columns=f0', many(10_000), json)).statusCode, 201)
  const minimal = { ...json, prefer: 'return=minimal' }
  t.equal((await send('POST', '/wide', many(2040), minimal)).statusCode, 201, '999,600 cells')
  const lines = '{"f0":1}\n'.repeat(10_500)
  const ndjson = { 'content-type': 'application/x-ndjson', prefer: 'return=minimal' }
  t.equal((await send('POST', '/narrow', lines, ndjson)).statusCode, 201)
  const csv = { 'content-type': 'text/csv', prefer: 'return=minimal' }
  t.equal((await send('POST', '/narrow', `f0\n${'1\n'.repeat(10_500)}`, csv)).statusCode, 201)
})

t.test('both are settings', async (t) => {
  const { app } = await startWithAdmin(t, { MAX_ROWS: 3, MAX_CELLS: 5 })
  const send = await asAdmin(app)
  await send('POST', '/schemas', { entity_name: 'thing', fields: fields(2) })
  const status = async (rows: number) => (await send('POST', '/thing', Array(rows).fill({}))).statusCode
  t.same([await status(2), await status(3), await status(4)], [201, 413, 413])
  t.equal((await send('POST', '/thing', { f0: 1 })).statusCode, 201)
})
