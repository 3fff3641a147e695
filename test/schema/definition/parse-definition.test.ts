// Entity definitions as data: what is accepted, what is refused, where and why.
import t from 'tap'
import { define, name, refusal, string, withField } from '../../support/schema/define.ts'

t.test('the definition of the walkthrough is read', async (t) => {
  const body = {
    entity_name: 'student',
    fields: [
      { name: 'name', type: 'str', required: true, label: null },
      { name: 'age', type: 'int', min: 0 },
    ],
    unique: [['name', 'age']],
  }
  t.strictSame(define(body), {
    name: 'student',
    label: null,
    description: null,
    fields: [
      { name: 'name', type: 'string', required: true, key: 'name' },
      { name: 'age', type: 'integer', min: 0, key: 'age' },
    ],
    unique: [{ fields: ['name', 'age'] }],
    was: new Map(),
    backfill: new Set(),
  })
})

const accepted: Record<string, unknown> = {
  'every number type': { ...name, type: 'number', min: 0.5, default: 1 },
  'a decimal with a numeric bound': {
    ...name,
    type: 'decimal',
    precision: 10,
    scale: 2,
    min: 0,
    default: '1.50',
  },
  'a pattern': { ...name, type: 'string', pattern: '^(a|a)*$', default: 'aa' },
  'a name like then': { name: 'then', type: 'string' },
  'a nested field called id': { ...name, type: 'object', fields: [{ name: 'id', ...string }] },
  'files in an array': { ...name, type: 'array', items: { type: 'file', mime_types: ['image/*'] } },
  'a unique relation': { ...name, type: 'relation', entity: 'course', unique: true, on_delete: 'cascade' },
  'a list of enum values': { ...name, type: 'enum', values: ['a', 'b'], many: true, default: ['a'] },
  'a null option': { ...name, type: 'integer', min: null, default: null },
  'a json default': { ...name, type: 'json', default: { a: [1] } },
}

for (const [what, field] of Object.entries(accepted)) {
  t.test(`accepts ${what}`, async (t) => t.strictSame(refusal(withField(field)), []))
}

const refusedFields: [what: string, field: unknown, pointer: string, message: RegExp][] = [
  ['no object', 5, '', /must be an object/],
  ['no name', string, '/name', /must start with a letter/],
  ['no type', name, '/type', /is required; types: string, text, .*also .*number/],
  ['an unknown type', { ...name, type: 'money' }, '/type', /not a field type; types: .*decimal/],
  ['an inherited type', { ...name, type: 'constructor' }, '/type', /not a field type/],
  [
    'an unknown option',
    { ...name, ...string, min: 1 },
    '/min',
    /not an option of string; options: .*max_length/,
  ],
  ['JSON Schema', { ...name, ...string, $ref: '#' }, '/$ref', /not an option/],
  ['a wrong option', { ...name, ...string, max_length: '5' }, '/max_length', /must be an integer/],
  ['required as text', { ...name, ...string, required: 'yes' }, '/required', /must be true or false/],
  ['a range upside down', { ...name, type: 'integer', min: 2, max: 1 }, '/max', /at least min/],
  [
    'an integer bound past 2^53',
    { ...name, type: 'integer', max: 2 ** 53 },
    '/max',
    /at most 9007199254740991/,
  ],
  ['a bound that is no date', { ...name, type: 'date', min: '2024-02-30' }, '/min', /must be a date/],
  ['a look-around', { ...name, ...string, pattern: '(?=a)' }, '/pattern', /look-ahead/],
  ['a broken pattern', { ...name, ...string, pattern: '[' }, '/pattern', /missing closing/],
  ['an enum without values', { ...name, type: 'enum' }, '/values', /is required/],
  ['an enum with equal values', { ...name, type: 'enum', values: ['a', 'a'] }, '/values', /must not repeat/],
  ['a relation to nothing', { ...name, type: 'relation' }, '/entity', /is required/],
  ['unique json', { ...name, type: 'json', unique: true }, '/unique', /not possible on json/],
  ['a unique list', { ...name, type: 'file', many: true, unique: true }, '/unique', /not possible on a list/],
  ['an indexed object', { ...name, type: 'object', fields: [], indexed: true }, '/fields', /at least 1 item/],
  ['an indexed list', { ...name, type: 'array', items: string, indexed: true }, '/indexed', /no order/],
  [
    'set_null on a required relation',
    { ...name, type: 'relation', entity: 'a', required: true, on_delete: 'set_null' },
    '/on_delete',
    /cannot be set_null/,
  ],
  [
    'cascade inside a list',
    { ...name, type: 'array', items: { type: 'relation', entity: 'a', on_delete: 'cascade' } },
    '/items/on_delete',
    /must be restrict/,
  ],
  ['a default of another type', { ...name, type: 'integer', default: '5' }, '/default', /must be an integer/],
  [
    'a default past a bound',
    { ...name, type: 'date', min: '2024-01-01', default: '2023-01-01' },
    '/default',
    /at least/,
  ],
  ['a default off the list', { ...name, type: 'enum', values: ['a'], default: 'b' }, '/default', /one of a/],
  [
    'a nested default that does not fit',
    { ...name, type: 'object', fields: [{ name: 'n', type: 'integer', default: 1.5 }] },
    '/fields/0/default',
    /must be an integer/,
  ],
  ['an unnamed nested field', { ...name, type: 'object', fields: [string] }, '/fields/0/name', /must start/],
  [
    'a unique nested field',
    { ...name, type: 'object', fields: [{ name: 'n', ...string, unique: true }] },
    '/fields/0/unique',
    /inside an object/,
  ],
  [
    'items with a name',
    { ...name, type: 'array', items: { ...name, ...string } },
    '/items/name',
    /not an option/,
  ],
  ['items without a type', { ...name, type: 'array', items: {} }, '/items/type', /is required/],
  ['items of text', { ...name, type: 'array', items: 'string' }, '/items', /must be an object/],
  ['a large ui', { ...name, ...string, ui: { a: 'x'.repeat(20_000) } }, '/ui', /at most/],
  ['a long label', { ...name, ...string, label: 'x'.repeat(201) }, '/label', /at most 200 characters/],
  ['U+0000', { ...name, ...string, description: 'a\0' }, '/description', /U\+0000/],
  [
    'an own __proto__',
    JSON.parse('{"name":"f","type":"string","__proto__":{"x":1}}'),
    '/__proto__',
    /not an option/,
  ],
]

for (const [what, field, pointer, message] of refusedFields) {
  t.test(`refuses ${what}`, async (t) => {
    t.match(refusal(withField(field)), [{ pointer: `/fields/0${pointer}`, message }])
  })
}

t.test('an entity keeps a field whose name was reserved after it was created', async (t) => {
  const current = { name: 'thing', fields: [{ name: 'as_of', key: 'as_of', type: 'string' }] }
  const fields = [
    { name: 'as_of', ...string },
    { name: 'having', ...string },
  ]
  t.match(refusal({ fields }, { segments: new Set(), current }), [{ pointer: '/fields/1/name' }])
  t.equal(refusal({ fields }, { segments: new Set(), current }).length, 1)
})

t.test('reserved and inherited names are refused, for fields and entities', async (t) => {
  const fields = [
    'id',
    'created_at',
    'updated_at',
    'created_by',
    'updated_by',
    'select',
    'columns',
    'on_conflict',
  ]
  fields.push('order', 'limit', 'offset', 'cursor', 'and', 'or', 'not', 'q', 'explain', 'as_of', 'having')
  fields.push(
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__proto__',
    '1a',
    'ä',
    'a-b',
    '',
    'a'.repeat(64),
  )
  for (const one of fields) {
    t.match(refusal(withField({ name: one, ...string })), [{ pointer: '/fields/0/name' }], `field ${one}`)
  }
  const entities =
    'auth schemas files docs health metrics tenants audit admin api rpc rest users roles realtime'
  const later = 'storage functions mcp console graphql batch search oauth sse ws changes hooks jobs views'
  const more = [
    ...later.split(' '),
    'webhooks',
    'static',
    'backup',
    'constructor',
    'Student',
    '1a',
    'a'.repeat(64),
    '',
    null,
    5,
  ]
  for (const one of [...entities.split(' '), ...more]) {
    t.match(refusal({ entity_name: one, fields: [] }), [{ pointer: '/entity_name' }], `entity ${one}`)
  }
})
