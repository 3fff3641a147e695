// Queries made at random: well-formed more often than not, hostile everywhere. Every name and value holds MARK.
import fc from 'fast-check'
import { entity, field } from './sample.ts'

export const MARK = 'zq9x'

const id = '00000000-0000-7000-8000-000000000001'

/** Field names as a definition may have them; keys as nothing may have them. */
export const fields = [
  ['string', {}],
  ['text', {}],
  ['integer', {}],
  ['float', {}],
  ['decimal', {}],
  ['boolean', {}],
  ['date', {}],
  ['time', {}],
  ['datetime', {}],
  ['email', {}],
  ['url', {}],
  ['uuid', {}],
  ['enum', { values: ['a', 'b'] }],
  ['json', {}],
  ['object', { fields: [{ name: 'in', key: 'in', type: 'string' }] }],
  ['array', { items: { name: '', key: '', type: 'integer' } }],
] as const

const own = fields.map(([type, options]) => ({
  ...field(`${MARK}_${type}`, type, options),
  key: `${MARK}'"$1;--${type}`,
}))

const links = [
  field(`${MARK}_one`, 'relation', { entity: `${MARK}_thing` }),
  field(`${MARK}_many`, 'relation', { entity: `${MARK}_thing`, many: true }),
]

const slots = own.slice(0, 12).map(({ key }) => key)

export const plain = entity(`${MARK}_thing`, [...own, ...links], { id: 1 })

export const slotted = entity(`${MARK}_thing`, [...own, ...links], { id: 1, slots })

const valid = [
  '1',
  '-0',
  '1.5',
  '9007199254740993',
  '1e400',
  'true',
  'null',
  '2024-02-29',
  '10:00',
  '2024-01-01T00:00:00+14:00',
]

const typed = [
  ...valid,
  'a@b.de',
  'http://a',
  id,
  'a',
  '{}',
  '{"a":1}',
  '{"a":"\\ud800"}',
  '["\\u0000"]',
  '[1e400]',
  '[1]',
  '{1,2}',
  '{"a","b"}',
  '(1,2)',
  '',
  '*',
  '%',
  '\\',
]

const attack = fc.constantFrom(
  `'`,
  `"`,
  `\\`,
  '--',
  ';',
  '$1',
  '::text',
  '\u0000',
  '\ud800',
  '\u{10FFFF}',
  '\u0001',
  'ß',
  ')',
  '}',
  ',',
  '.',
)

const hostile = fc
  .tuple(fc.string({ unit: 'grapheme', maxLength: 5 }), attack, fc.string({ maxLength: 3 }))
  .map(([before, bad, after]) => `${before}${bad}${MARK}${bad}${after}`)

const long = fc.constantFrom('x', 'Ä', '💥').map((c) => `${MARK}${c.repeat(300)}`)

export const value = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...typed) }, hostile, long)

const system = ['id', 'created_at', 'updated_by']

const names = [...plain.fields.map(({ name }) => name), ...system]

const step = fc.oneof(
  fc.constantFrom('a', '0', '-1', 'in'),
  hostile.map((text) => JSON.stringify(text)),
)

const path = fc
  .array(step, { minLength: 1, maxLength: 2 })
  .chain((steps) =>
    fc
      .constantFrom('->', '->>')
      .map((last) => steps.map((s, at) => `${at === steps.length - 1 ? last : '->'}${s}`).join('')),
  )

const documents = plain.fields
  .filter(({ type }) => ['json', 'object', 'array'].includes(type))
  .map((f) => f.name)

const known = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...names) },
  fc.tuple(fc.constantFrom(...documents), path).map((parts) => parts.join('')),
)

const name = fc.oneof({ weight: 15, arbitrary: known }, hostile)

const operator = fc.constantFrom(
  'eq',
  'neq',
  'gt',
  'gte',
  'lt',
  'lte',
  'like',
  'ilike',
  'isdistinct',
  'cs',
  'cd',
  'ov',
)

const quoted = value.map((text) => JSON.stringify(text).replaceAll('\\u0000', '\u0000'))

const list = fc.array(quoted, { maxLength: 3 }).map((texts) => texts.join(','))

const not = fc.constantFrom('', '', 'not.')

const operation = (inner: boolean) =>
  fc
    .oneof(
      { weight: 4, arbitrary: fc.tuple(not, operator, fc.constant('.'), inner ? quoted : value) },
      fc.tuple(not, fc.constant('in.('), list, fc.constant(')')),
      fc.tuple(not, fc.constant('is.'), fc.constantFrom('null', 'not_null', 'true', 'unknown')),
      fc.tuple(not, operator, fc.constantFrom('(any).{', '(all).{'), list, fc.constant('}')),
    )
    .map((parts) => parts.join(''))

const { tree } = fc.letrec<{ tree: string; node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(name, operation(true)).map((parts) => parts.join('.')),
    fc.tuple(not, fc.constantFrom('and', 'or'), tie('tree')).map((parts) => parts.join('')),
  ),
  tree: fc.array(tie('node'), { maxLength: 3 }).map((nodes) => `(${nodes})`),
}))

const alias = fc.oneof(
  fc.constant(''),
  hostile.map((text) => `${JSON.stringify(text)}:`),
)

const column = fc.oneof(
  name,
  fc.constant('*'),
  fc.constant('count()'),
  fc.tuple(name, fc.constantFrom('.count()', '.sum()', '.min()')).map((p) => p.join('')),
)

const embed = fc
  .tuple(
    alias,
    fc.constantFrom(
      `${MARK}_one`,
      `${MARK}_many`,
      `${MARK}_thing!${MARK}_one`,
      `${MARK}_thing!${MARK}_many!inner`,
    ),
    column,
  )
  .map(([as, of, inner]) => `${as}${of}(${inner})`)

const select = fc.array(
  fc.oneof({ weight: 3, arbitrary: fc.tuple(alias, column).map((p) => p.join('')) }, embed),
  { minLength: 1, maxLength: 4 },
)

const order = fc.array(
  fc
    .tuple(known, fc.constantFrom('', '.asc', '.desc'), fc.constantFrom('', '.nullsfirst', '.nullslast'))
    .map((p) => p.join('')),
  { maxLength: 3 },
)

const pair = fc.oneof(
  fc.tuple(
    fc.constantFrom('columns', 'on_conflict'),
    fc.array(name, { minLength: 1, maxLength: 2 }).map(String),
  ),
  fc.tuple(fc.constantFrom('cursor', 'limit', 'offset', `${MARK}_one.limit`), hostile),
  { weight: 4, arbitrary: fc.tuple(name, operation(false)) },
  fc.tuple(fc.constantFrom('or', 'and', 'not.or'), tree),
  select.map((items) => ['select', items.join(',')] as [string, string]),
  order.map((items) => ['order', items.join(',')] as [string, string]),
  fc.tuple(fc.constantFrom('limit', 'offset'), fc.constantFrom('0', '1', '7', '99999999999999999999')),
  fc.tuple(
    fc.constantFrom(`${MARK}_one.${MARK}_string`, `${MARK}_many.order`),
    fc.oneof(operation(false), fc.constant(`${MARK}_integer.desc`)),
  ),
)

/** A value of any field's stored form, or of none. */
export const stored = fc.dictionary(
  fc.constantFrom(...plain.fields.map(({ key }) => key)),
  fc.oneof(
    value,
    fc.array(value, { maxLength: 2 }),
    fc.dictionary(hostile, value, { maxKeys: 2 }),
    fc.integer(),
  ),
)

/** Encodes as a client does; no encoding carries half a surrogate pair. */
const encode = (text: string) => encodeURIComponent(Buffer.from(text).toString())

export const search = fc
  .array(pair, { minLength: 1, maxLength: 4 })
  .map((pairs) => pairs.map(([key, text]) => `${encode(key)}=${encode(text)}`).join('&'))
