// The quick check of bodies says yes to nothing that the validator refuses, and to nearly all that it accepts.
import fc from 'fast-check'
import t from 'tap'
import { parseDefinition } from '../../lib/schema/definition/parse-definition.ts'
import { recordSchemas } from '../../lib/schema/json-schema/record-schemas.ts'
import { createValidator } from '../../lib/validation/ajv.ts'
import { isCertainlyValid } from '../../lib/validation/fast-check.ts'

const FIELDS = [
  { name: 'title', type: 'string', min_length: 2, max_length: 4, required: true },
  { name: 'body', type: 'text' },
  { name: 'age', type: 'integer', min: 0, max: 150 },
  { name: 'score', type: 'float', max: 10.5 },
  { name: 'price', type: 'decimal', precision: 6, scale: 2 },
  { name: 'active', type: 'boolean', default: true },
  { name: 'born', type: 'date' },
  { name: 'at', type: 'time' },
  { name: 'seen', type: 'datetime' },
  { name: 'mail', type: 'email' },
  { name: 'site', type: 'url', max_length: 30 },
  { name: 'ref', type: 'uuid' },
  { name: 'level', type: 'enum', values: ['low', 'high'], required: true },
  { name: 'flags', type: 'enum', values: ['a', 'b'], many: true },
  { name: 'meta', type: 'json' },
  { name: 'home', type: 'object', fields: [{ name: 'zip', type: 'string', required: true, max_length: 2 }] },
  { name: 'marks', type: 'array', items: { type: 'integer' }, min_items: 1, max_items: 2 },
  { name: 'friend', type: 'relation', entity: 'pupil' },
  { name: 'peers', type: 'relation', entity: 'pupil', many: true },
  { name: 'photo', type: 'file' },
  { name: 'code', type: 'string', pattern: '^[a-z]+$' },
]

const parsed = parseDefinition({ entity_name: 'pupil', fields: FIELDS }, { segments: new Set() })

const { create, patch } = recordSchemas(parsed)

const ID = '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a'

const TEXTS = [
  '',
  'a',
  'ab',
  'abcd',
  'abcde',
  '😀',
  '😀😀',
  '😀😀😀😀',
  '😀😀😀😀😀',
  '\u0000',
  '\ud800x',
  'low',
  ID,
]

const FORMATTED = [
  '2024-02-29',
  '2023-02-29',
  '09:30',
  '2024-01-01T00:00:00Z',
  'a@b.co',
  'https://a.b/c',
  '19.90',
  '1e5',
]

const value = fc.oneof(
  fc.constantFrom<unknown>(
    ...TEXTS,
    ...FORMATTED,
    null,
    true,
    0,
    -0,
    1,
    150,
    151,
    1.5,
    10.5,
    2 ** 53,
    Number.POSITIVE_INFINITY,
  ),
  fc.constantFrom<unknown>(
    [],
    [1],
    [1, 2, 3],
    [1.5],
    ['a'],
    ['a', 'a'],
    ['a', 'c'],
    [ID],
    [ID, ID],
    [[]],
    [null],
  ),
  fc.constantFrom<unknown>({}, { zip: 'ab' }, { zip: 'abc' }, { zip: null }, { zip: 'a', more: 1 }),
  fc.jsonValue(),
)

const names = [...FIELDS.map(({ name }) => name), 'other', '__proto__', 'constructor', 'toString']

const body = fc.oneof(
  { weight: 9, arbitrary: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 }) },
  value,
)

const complete = body.map((one) => ({ title: 'abc', level: 'low', ...(one as object) }))

t.test('what it says yes to is valid', async (t) => {
  for (const schema of [create, patch]) {
    const validate = createValidator().compile(schema)
    let agreed = 0
    const check = (one: unknown) => {
      if (!isCertainlyValid(schema, one)) return true
      agreed += 1
      return validate(one).length === 0
    }
    fc.assert(fc.property(fc.oneof(body, complete), check), { numRuns: 5000 })
    t.ok(agreed > 50, `${agreed} were valid`)
  }
})

t.test('it says yes to a body with every type, but for a pattern', async (t) => {
  const good = {
    ...{
      title: '😀😀',
      body: 'x',
      age: 20,
      score: 1e-7,
      price: '19.9',
      active: false,
      born: '2000-02-29',
      at: '09:30',
    },
    ...{
      seen: '2024-01-01T01:30:00.500+02:00',
      mail: 'a@b.co',
      site: 'https://a.b/c?d',
      ref: ID,
      level: 'high',
    },
    ...{
      flags: ['a', 'b'],
      meta: { x: [1] },
      home: { zip: '12' },
      marks: [1],
      friend: ID,
      peers: [ID],
      photo: null,
    },
  }
  t.ok(isCertainlyValid(create, good))
  t.notOk(isCertainlyValid(create, { ...good, code: 'abc' }), 'a pattern is for the validator')
  t.ok(isCertainlyValid(patch, {}))
})
