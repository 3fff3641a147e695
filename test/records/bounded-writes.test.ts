// What a write sends at once is bounded in bytes, however small the body is that brings it.

import t, { type Test } from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { onStatements } from '../support/sent-statements.ts'

/** Bytes of a batch: 8 MiB of documents and what stands around them. */
const MOST = 8.5 * 2 ** 20

/** The largest statement that is sent. */
function watch(t: Test) {
  const seen = { bytes: 0 }
  onStatements(t, (sent) => {
    for (const { values = [] } of sent)
      seen.bytes = Math.max(
        seen.bytes,
        values.reduce<number>((sum, value) => sum + String(value ?? '').length, 0),
      )
  })
  return seen
}

const LONG = 'd'.repeat(500_000)

t.test('small bodies that write much', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const define = (entity_name: string, field = {}) =>
    send('POST', '/schemas', { entity_name, fields: [{ name: 't', type: 'text', ...field }] })
  const rows = Array.from({ length: 60 }, () => ({}))
  const quiet = { prefer: 'return=minimal' }

  const ways = [
    ['an array', rows, quiet],
    ['an array, row by row', rows, { prefer: 'return=minimal, bulk=partial' }],
    ['NDJSON', '{}\n'.repeat(60), { ...quiet, 'content-type': 'application/x-ndjson' }],
  ] as const
  await define('filled', { default: LONG })
  for (const [way, body, headers] of ways)
    await t.test(`a long default, ${way}`, async (t) => {
      const seen = watch(t)
      const answer = await send('POST', '/filled', body, headers)
      t.ok(answer.statusCode < 300, answer.body.slice(0, 300))
      t.ok(seen.bytes > LONG.length && seen.bytes < MOST, `${seen.bytes} bytes`)
    })

  await define('given')
  await send('POST', '/given', rows, quiet)
  await t.test('a default that existing records get', async (t) => {
    const seen = watch(t)
    const fields = [
      { name: 't', type: 'text' },
      { name: 'more', type: 'text', required: true, default: LONG },
    ]
    const answer = await send('PUT', '/schemas/given', { entity_name: 'given', fields })
    t.equal(answer.statusCode, 200, answer.body.slice(0, 300))
    t.ok(seen.bytes < MOST, `${seen.bytes} bytes`)
  })

  await t.test('one value for many records', async (t) => {
    const seen = watch(t)
    const answer = await send(
      'PATCH',
      '/given?id=not.is.null&select=id',
      { t: LONG },
      { prefer: 'return=representation' },
    )
    t.equal(answer.json().length, 60)
    t.ok(seen.bytes < MOST, `${seen.bytes} bytes`)
  })
})
