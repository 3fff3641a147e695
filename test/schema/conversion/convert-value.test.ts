// Values on their way from one type to another, there and back.
import t from 'tap'
import type { Field } from '../../../lib/fields/field.ts'
import type { ConvertOptions } from '../../../lib/schema/conversion/convert-options.ts'
import { convertValue } from '../../../lib/schema/conversion/convert-value.ts'
import { canConvert } from '../../../lib/schema/conversion/convertible.ts'
import type { Verdict } from '../../../lib/schema/conversion/field-fit.ts'

const field = (type: string, options: object = {}): Field => ({ name: 'f', key: 'f', type, ...options })

function convert(from: Field, to: Field, value: unknown, options: ConvertOptions = {}): Verdict {
  return convertValue(value, { from, to, options })
}

const [string, integer, float, decimal] = ['string', 'integer', 'float', 'decimal'].map((type) =>
  field(type),
) as [Field, Field, Field, Field]
const [boolean, date, datetime, json] = ['boolean', 'date', 'datetime', 'json'].map((type) =>
  field(type),
) as [Field, Field, Field, Field]
const money = field('decimal', { scale: 2 })
const color = field('enum', { values: ['red', 'green'] })
const colors = field('enum', { values: ['red', 'green'], many: true })
const list = (type: string) => field('array', { items: { name: 'items', key: 'items', type } })

interface Row {
  from: Field
  to: Field
  value: unknown
  is: unknown
  options?: ConvertOptions
  /** What the value is after the way back; absent: what it was. */
  back?: unknown
  lossy?: true
}

const exact: Row[] = [
  { from: integer, to: string, value: 42, is: '42' },
  { from: boolean, to: string, value: true, is: 'true' },
  { from: float, to: string, value: 1.5, is: '1.5' },
  { from: decimal, to: string, value: '1.50', is: '1.50' },
  { from: datetime, to: string, value: '2024-02-29T09:30:00Z', is: '2024-02-29T09:30:00Z' },
  { from: color, to: string, value: 'red', is: 'red' },
  { from: string, to: integer, value: ' 42 ', is: 42, back: '42' },
  { from: string, to: integer, value: '01', is: 1, back: '1' },
  { from: string, to: float, value: '1e3', is: 1000, back: '1000' },
  { from: string, to: decimal, value: '19.99', is: '19.99' },
  { from: string, to: money, value: '19.9', is: '19.90', back: '19.90' },
  { from: string, to: boolean, value: 'yes', is: true, back: 'true' },
  { from: string, to: boolean, value: '0', is: false, back: 'false' },
  { from: string, to: date, value: '2024-02-29', is: '2024-02-29' },
  { from: string, to: field('time'), value: '09:30', is: '09:30:00', back: '09:30:00' },
  { from: string, to: color, value: 'green', is: 'green' },
  { from: string, to: field('email'), value: 'a@b.example', is: 'a@b.example' },
  { from: string, to: field('url'), value: 'https://b.example/', is: 'https://b.example/' },
  {
    from: string,
    to: field('uuid'),
    value: '0190E1F2-7C3A-7D4E-8F5A-6B7C8D9E0F1A',
    is: '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a',
    back: '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a',
  },
  {
    from: string,
    to: datetime,
    value: '2024-03-31 03:30',
    options: { timezone: 'Europe/Berlin' },
    is: '2024-03-31T01:30:00Z',
    back: '2024-03-31T01:30:00Z',
  },
  { from: integer, to: float, value: 7, is: 7 },
  { from: integer, to: decimal, value: 7, is: '7' },
  { from: integer, to: boolean, value: 1, is: true },
  { from: float, to: decimal, value: 1e-7, is: '0.0000001' },
  { from: float, to: decimal, value: 1e21, is: '1000000000000000000000' },
  { from: float, to: integer, value: 3, is: 3 },
  { from: decimal, to: integer, value: '3.00', is: 3, back: '3' },
  { from: decimal, to: money, value: '3', is: '3.00', back: '3.00' },
  {
    from: date,
    to: datetime,
    value: '2024-07-01',
    options: { timezone: 'Europe/Berlin' },
    is: '2024-06-30T22:00:00Z',
  },
  { from: date, to: datetime, value: '2024-07-01', is: '2024-07-01T00:00:00Z' },
  { from: color, to: colors, value: 'red', is: ['red'] },
  { from: string, to: list('string'), value: 'a', is: ['a'] },
  { from: integer, to: list('string'), value: 4, is: ['4'] },
  { from: string, to: list('integer'), value: '1; 2', options: { separator: ';' }, is: [1, 2], back: '1;2' },
  { from: list('integer'), to: list('string'), value: [1, 2], is: ['1', '2'] },
  { from: json, to: list('integer'), value: [1], is: [1] },
  { from: json, to: integer, value: '5', is: 5, back: 5 },
  { from: string, to: json, value: 'a', is: 'a' },
]

t.test('what converts exactly, and comes back', async (t) => {
  for (const { from, to, value, is, options = {}, ...row } of exact) {
    const there = convert(from, to, value, options)
    const words = `${from.type} ${JSON.stringify(value)} -> ${to.type}`
    t.strictSame(there, { value: is }, words)
    t.ok(canConvert(from, to), `${words} is possible`)
    t.strictSame(
      convert(to, from, is, options),
      { value: 'back' in row ? row.back : value },
      `${words} and back`,
    )
  }
})

const losing: Row[] = [
  { from: float, to: integer, value: 2.5, options: { round: 'half_even' }, is: 2 },
  { from: float, to: integer, value: -2.5, options: { round: 'half_up' }, is: -3 },
  { from: decimal, to: money, value: '1.005', options: { round: 'half_even' }, is: '1.00' },
  { from: decimal, to: money, value: '-0.005', options: { round: 'half_down' }, is: '0.00' },
  { from: string, to: integer, value: '2.7', options: { round: 'floor' }, is: 2 },
  {
    from: datetime,
    to: date,
    value: '2024-07-01T22:30:00Z',
    options: { timezone: 'Europe/Berlin' },
    is: '2024-07-02',
  },
  { from: datetime, to: date, value: '2024-07-01T09:00:00Z', is: '2024-07-01' },
  { from: string, to: integer, value: 'n/a', options: { map: { 'n/a': null } }, is: null },
]

t.test('what loses something says so', async (t) => {
  for (const { from, to, value, is, options = {} } of losing)
    t.strictSame(
      convert(from, to, value, options),
      { value: is, lossy: true },
      `${from.type} ${String(value)}`,
    )
  const midnight = convert(datetime, date, '2024-07-01T22:00:00Z', { timezone: 'Europe/Berlin' })
  t.strictSame(midnight, { value: '2024-07-02' }, 'midnight has no time of day to lose')
})

const misfits: Omit<Row, 'is'>[] = [
  { from: string, to: integer, value: 'n/a' },
  { from: string, to: integer, value: '1.5' },
  { from: string, to: integer, value: 'toString', options: { map: {} } },
  { from: string, to: datetime, value: '2024-03-31 03:30' },
  { from: string, to: color, value: 'blue' },
  { from: float, to: integer, value: 1.5 },
  { from: decimal, to: money, value: '1.234' },
  { from: decimal, to: float, value: '0.12345678901234567890' },
  { from: integer, to: boolean, value: 2 },
  { from: colors, to: color, value: ['red', 'green'] },
  { from: list('string'), to: string, value: ['a;b', 'c'], options: { separator: ';' } },
  { from: json, to: field('object', { fields: [field('integer')] }), value: { g: 1 } },
]

t.test('what does not convert', async (t) => {
  for (const { from, to, value, options = {} } of misfits) {
    const verdict = convert(from, to, value, options)
    t.ok('misfit' in verdict && verdict.misfit.message, `${from.type} ${JSON.stringify(value)} -> ${to.type}`)
  }
})

t.test('an empty text is no value; mapped values are those of the new field', async (t) => {
  t.strictSame(convert(string, integer, ' '), { value: null })
  t.strictSame(convert(string, string, ''), { value: '' })
  t.strictSame(convert(string, integer, 'none', { map: { none: 0 } }), { value: 0 })
  t.strictSame(convert(color, field('enum', { values: ['R'] }), 'red', { map: { red: 'R' } }), { value: 'R' })
  t.strictSame(
    convert(colors, field('enum', { values: ['R'], many: true }), ['red', 'green'], {
      map: { red: 'R', green: 'R' },
    }),
    {
      value: ['R'],
      lossy: true,
    },
  )
  t.strictSame(convert(colors, color, []), { value: null })
})

t.test('members of objects are renamed and converted', async (t) => {
  const from = field('object', {
    fields: [
      { ...string, name: 'zip' },
      { ...string, name: 'n' },
    ],
  })
  const to = field('object', {
    fields: [
      { ...string, name: 'postcode', was: 'zip' },
      { ...integer, name: 'n' },
    ],
  })
  t.strictSame(convert(from, to, { zip: '1', n: '2' }), { value: { postcode: '1', n: 2 } })
  t.strictSame(convert(from, to, { n: 'x' }, { fields: { n: { map: { x: 9 } } } }), { value: { n: 9 } })
  t.match(convert(from, to, { n: 'x' }), { misfit: { message: /^\/n must be an integer/ } })
})

t.test('records are found by lookups', async (t) => {
  const relation = field('relation', { entity: 'person' })
  const id = '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a'
  const there = {
    from: string,
    to: relation,
    options: { lookup: 'email' },
    lookups: new Map([['a@b.example', id]]),
  }
  t.strictSame(convertValue(' a@b.example ', there), { value: id })
  t.match(convertValue('c', there), { misfit: { keyword: 'lookup', message: /email of a record of person/ } })
  const back = {
    from: relation,
    to: string,
    options: { lookup: 'email' },
    lookups: new Map([[id, 'a@b.example']]),
  }
  t.strictSame(convertValue(id, back), { value: 'a@b.example' })
})

t.test('what can never be converted', async (t) => {
  const file = field('file')
  const object = field('object', { fields: [string] })
  const objects = field('array', { items: object })
  t.ok(canConvert(file, { ...file, many: true }))
  for (const [from, to] of [
    [file, string],
    [string, file],
    [object, string],
    [objects, list('string')],
    [integer, object],
    [field('relation', { entity: 'a' }), field('relation', { entity: 'b' })],
    [integer, field('relation', { entity: 'a' })],
  ] as const)
    t.notOk(canConvert(from, to), `${from.type} -> ${to.type}`)
})
