// Every pair of the table of conversions through HTTP: the values take the new form, and a rollback brings the old ones back,
// exactly where nothing was written and converted where something was.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../../../support/app.ts'

type Json = Record<string, unknown>

interface Pair {
  from: Json
  to: Json
  old: unknown
  now: unknown
  convert?: Json
  /** The value after a write in the new form and the way back; absent: as `old`. */
  back?: unknown
}

const type = (name: string, more: Json = {}) => ({ type: name, ...more })

const texts = (...values: string[]) => ({ values })

const pairs: Pair[] = [
  { from: type('integer'), to: type('string'), old: 42, now: '42' },
  { from: type('boolean'), to: type('text'), old: true, now: 'true' },
  { from: type('enum', texts('a', 'b')), to: type('string'), old: 'a', now: 'a' },
  { from: type('string'), to: type('integer'), old: ' 042', now: 42, back: '42' },
  { from: type('string'), to: type('decimal', { scale: 2 }), old: '1.5', now: '1.50', back: '1.50' },
  { from: type('string'), to: type('boolean'), old: 'yes', now: true, back: 'true' },
  { from: type('string'), to: type('date'), old: '2024-02-29', now: '2024-02-29' },
  {
    from: type('string'),
    to: type('datetime'),
    convert: { timezone: 'Europe/Berlin' },
    old: '2024-07-01 12:00',
    now: '2024-07-01T10:00:00Z',
    back: '2024-07-01T10:00:00Z',
  },
  { from: type('string'), to: type('email'), old: 'a@b.example', now: 'a@b.example' },
  {
    from: type('string'),
    to: type('enum', texts('X')),
    convert: { map: { x: 'X' } },
    old: 'x',
    now: 'X',
    back: 'X',
  },
  { from: type('integer'), to: type('float'), old: 3, now: 3 },
  { from: type('integer'), to: type('boolean'), old: 1, now: true },
  { from: type('float'), to: type('decimal'), old: 0.25, now: '0.25' },
  { from: type('decimal'), to: type('integer'), old: '3.00', now: 3, back: '3' },
  { from: type('date'), to: type('datetime'), old: '2024-07-01', now: '2024-07-01T00:00:00Z' },
  { from: type('datetime'), to: type('date'), old: '2024-07-01T00:00:00Z', now: '2024-07-01' },
  { from: type('enum', texts('a')), to: type('enum', { ...texts('a'), many: true }), old: 'a', now: ['a'] },
  { from: type('array', { items: type('string') }), to: type('string'), old: ['a'], now: 'a' },
  {
    from: type('string'),
    to: type('array', { items: type('integer') }),
    convert: { separator: ';' },
    old: '1; 2',
    now: [1, 2],
    back: undefined,
  },
  {
    from: type('object', { fields: [{ name: 'zip', ...type('string') }] }),
    to: type('object', { fields: [{ name: 'code', was: 'zip', ...type('integer') }] }),
    old: { zip: '1' },
    now: { code: 1 },
  },
  { from: type('json'), to: type('array', { items: type('integer') }), old: [1], now: [1] },
]

t.test('every pair, there and back', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  for (const [at, pair] of pairs.entries()) {
    const { from, to, old, now, convert } = pair
    const name = `pair${at}`
    const words = `${String(from.type)} -> ${String(to.type)}`
    await send('POST', '/schemas/', { entity_name: name, fields: [{ name: 'v', ...from }] })
    const ids: string[] = (await send('POST', `/${name}/`, [{ v: old }, { v: old }, {}]))
      .json()
      .map(({ id }: Json) => id)
    const body = { fields: [{ name: 'v', ...to }], ...(convert ? { convert: { v: convert } } : {}) }
    const { plan } = (await send('POST', `/schemas/${name}/preview`, body)).json()
    const put = await send('PUT', `/schemas/${name}?plan=${plan}`, body)
    t.equal(put.statusCode, 200, `${words} ${put.body}`)
    const values = async () => ((await send('GET', `/${name}/?select=v`)).json() as Json[]).map(({ v }) => v)
    t.strictSame(await values(), [now, now, null], words)
    // Written as it is: from then on it is a value of the new form.
    if (!('back' in pair) || pair.back !== undefined) await send('PATCH', `/${name}/${ids[1]}`, { v: now })
    const back = await send('POST', `/schemas/${name}/rollback`, { version: 1 })
    t.equal(back.statusCode, 200, `${words} and back ${back.body}`)
    t.strictSame(await values(), [old, pair.back ?? old, null], `${words} and back`)
  }
})
