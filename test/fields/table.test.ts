// What field types have in common: exact formats, spellings, links, ranges.
import t from 'tap'
import type { Field } from '../../lib/fields/field.ts'
import { fieldTypes, findType, typeOf } from '../../lib/fields/index.ts'

function field(type: string, options: Record<string, unknown> = {}): Field {
  return { name: 'f', key: 'f', type, ...options }
}

const id = '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a'

t.test('formats accept what exists and nothing else', async (t) => {
  const formats: [string, string[], string[]][] = [
    [
      'date',
      ['2024-02-29', '0001-01-01', '2000-02-29'],
      ['1900-02-29', '0000-01-01', '2024-00-10', '2024-04-31'],
    ],
    [
      'datetime',
      ['2024-01-01T10:00Z', '2024-01-01T23:59:59+23:59'],
      ['2024-01-01T10:00:00', '2024-01-01 10:00:00Z'],
    ],
    [
      'email',
      ['a@b.co', 'ä.b@exämple.org', "o'hara+x@sub.example.com"],
      ['a@b', 'a b@c.de', '@c.de', 'a..b@c.de'],
    ],
    ['email', [], [`${'a'.repeat(65)}@b.co`, `a@${'b.'.repeat(200)}co`, 'a@-b.co', 'a@b.co\n']],
    [
      'url',
      ['http://a', 'HTTPS://example.com:8080/ä?q#f'],
      ['ftp://a', 'http://', 'http:a', 'http://a b', 'javascript:1'],
    ],
    ['uuid', [id, id.toUpperCase()], [id.slice(1), `${id} `, `{${id}}`]],
    ['decimal', ['0', '-1.5', '9'.repeat(100)], ['1.', '01', '+1', '1e5', '', '9'.repeat(101), 'NaN']],
  ]
  for (const [name, good, bad] of formats) {
    for (const text of good) t.ok(typeOf(name).format?.test(text), `${name} takes ${text}`)
    for (const text of bad)
      t.notOk(typeOf(name).format?.test(text), `${name} refuses ${JSON.stringify(text)}`)
  }
})

t.test('the table knows every type of the contract and every spelling', async (t) => {
  const spellings = { number: 'float', int: 'integer', bool: 'boolean', str: 'string', timestamp: 'datetime' }
  for (const [spelling, name] of Object.entries(spellings)) t.equal(findType(spelling)?.name, name)
  for (const type of fieldTypes) t.equal(findType(type.name), type)
  t.equal(fieldTypes.length, 18)
  t.equal(findType('toString'), undefined)
  t.equal(findType('Integer'), undefined)
})

t.test('relations and files at any depth give their links', async (t) => {
  const book = field('relation', { entity: 'book', name: 'book', key: 'book' })
  const shelf = field('object', { fields: [book, field('array', { name: 'pdfs', items: field('file') })] })
  const links = typeOf('object').links?.({ book: id, pdfs: [id, id] }, shelf)
  t.match(links, [
    { entity: 'book', ids: [id] },
    { entity: null, ids: [id] },
    { entity: null, ids: [id] },
  ])
  t.strictSame(typeOf('object').links?.({ book: null }, shelf), [])
  t.strictSame(typeOf('object').targets?.(shelf), ['book', null])
})

t.test('a range whose minimum is above its maximum is refused', async (t) => {
  const ranges: [string, Record<string, unknown>][] = [
    ['string', { min_length: 2, max_length: 1 }],
    ['integer', { min: 2, max: 1 }],
    ['float', { min: 0.2, max: 0.1 }],
    ['decimal', { min: '10', max: 9 }],
    ['decimal', { precision: 2, scale: 3 }],
    ['date', { min: '2024-01-02', max: '2024-01-01' }],
    ['datetime', { min: '2024-01-01T00:00:00Z', max: '2024-01-01T00:00:00+01:00' }],
    ['array', { items: field('string'), min_items: 2, max_items: 1 }],
  ]
  for (const [name, options] of ranges) {
    t.match(
      typeOf(name).check?.(field(name, options), false),
      [{ keyword: 'range' }],
      `${name} ${JSON.stringify(options)}`,
    )
  }
  t.strictSame(typeOf('decimal').check?.(field('decimal', { min: '9', max: '10' }), false), [])
})
