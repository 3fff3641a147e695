// Entity definitions as data: what is accepted, what is refused, where and why.
import t from 'tap'
import { Problem, type Violation } from '../../lib/errors/problem.ts'
import { type DefinitionContext, parseDefinition } from '../../lib/schema/definition.ts'

const post: DefinitionContext = { segments: new Set(['schemas', 'backup']) }
const put: DefinitionContext = { ...post, current: 'student' }

function define(body: unknown, context = post) {
  return parseDefinition(body, context)
}

function refusal(body: unknown, context = post): Violation[] {
  try {
    define(body, context)
  } catch (error) {
    if (error instanceof Problem && error.kind.code === 'invalid_definition') return error.extras.errors ?? []
    throw error
  }
  return []
}

function withField(field: unknown) {
  return { entity_name: 'student', fields: [field] }
}

const name = { name: 'f' }
const string = { type: 'string' }

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
    unique: [['name', 'age']],
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
  fields.push('order', 'limit', 'offset', 'cursor', 'and', 'or', 'not', 'q', 'explain')
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
  const more = ['webhooks', 'static', 'backup', 'constructor', 'Student', '1a', 'a'.repeat(64), '', null, 5]
  for (const one of [...entities.split(' '), ...more]) {
    t.match(refusal({ entity_name: one, fields: [] }), [{ pointer: '/entity_name' }], `entity ${one}`)
  }
})

const refusedBodies: [what: string, body: unknown, pointer: string, message: RegExp][] = [
  ['a list', [], '', /must be an object/],
  ['null', null, '', /must be an object/],
  ['no fields', { entity_name: 'a' }, '/fields', /must be a list/],
  ['an unknown part', { entity_name: 'a', fields: [], version: 1 }, '/version', /parts: entity_name, label/],
  ['a label that is no text', { entity_name: 'a', fields: [], label: 5 }, '/label', /must be a string/],
  [
    'a field named twice',
    {
      entity_name: 'a',
      fields: [
        { ...name, ...string },
        { ...name, type: 'date' },
      ],
    },
    '/fields/1/name',
    /another field/,
  ],
  ['unique over nothing', { entity_name: 'a', fields: [], unique: [['x']] }, '/unique/0/0', /is not a field/],
  ['unique as text', { entity_name: 'a', fields: [], unique: 'x' }, '/unique', /list of lists/],
  ['unique without a list', { entity_name: 'a', fields: [], unique: ['x'] }, '/unique/0', /must be a list/],
  [
    'nesting without end',
    { entity_name: 'a', fields: [JSON.parse('['.repeat(9999) + ']'.repeat(9999))] },
    /^\/fields/.source,
    /./,
  ],
]

for (const [what, body, pointer, message] of refusedBodies) {
  t.test(`refuses ${what}`, async (t) => {
    const [first] = refusal(body)
    t.match(first, { pointer: what === 'nesting without end' ? /^\/fields/ : pointer, message })
  })
}

t.test('every violation is told at once', async (t) => {
  const body = {
    entity_name: 'docs',
    labels: {},
    fields: [
      { name: 'id', type: 'int', min: 'x', max_length: 1 },
      { name: 'b', type: 'nope' },
      { name: 'c', type: 'int', max: 5, default: 6 },
      { name: 'd', type: 'int', maxi: 5, default: 6 },
    ],
  }
  const pointers = refusal(body).map(({ pointer }) => pointer)
  t.strictSame(pointers.sort(), [
    '/entity_name',
    '/fields/0/max_length',
    '/fields/0/min',
    '/fields/0/name',
    '/fields/1/type',
    '/fields/2/default',
    '/fields/3/maxi',
    '/labels',
  ])
})

t.test('limits name themselves: fields, constraints, indexes, depth', async (t) => {
  const many = (count: number, options = {}) =>
    Array.from({ length: count }, (_, at) => ({ name: `f${at}`, ...string, ...options }))
  t.strictSame(refusal({ entity_name: 'a', fields: many(500) }), [])
  t.match(refusal({ entity_name: 'a', fields: many(501) }), [{ pointer: '/fields', message: /at most 500/ }])
  const nested = [{ name: 'o', type: 'object', fields: many(500) }]
  t.match(refusal({ entity_name: 'a', fields: nested }), [
    { pointer: '/fields/0/fields', message: /at most 500/ },
  ])
  t.strictSame(refusal({ entity_name: 'a', fields: many(12, { indexed: true }) }), [])
  t.match(refusal({ entity_name: 'a', fields: many(13, { indexed: true }) }), [{ message: /at most 12/ }])
  const four = { entity_name: 'a', fields: many(4, { unique: true }) }
  t.strictSame(refusal(four), [])
  t.match(refusal({ ...four, unique: [['f0', 'f1']] }), [
    { pointer: '/unique', message: /5 unique.*at most 4/ },
  ])
  const one = { entity_name: 'a', fields: many(1, { unique: true }), unique: [['f0']] }
  t.match(refusal(one), [{ keyword: 'duplicate' }])
  const fields = many(2)
  t.match(
    refusal({
      entity_name: 'a',
      fields,
      unique: [
        ['f0', 'f1'],
        ['f1', 'f0'],
      ],
    }),
    [{ keyword: 'duplicate' }],
  )
  t.match(refusal({ entity_name: 'a', fields, unique: [['f0', 'f0']] }), [{ pointer: '/unique/0' }])
  const deep = (depth: number): object =>
    depth === 0 ? { ...name, ...string } : { ...name, type: 'object', fields: [deep(depth - 1)] }
  t.strictSame(refusal(withField(deep(5))), [])
  t.match(refusal(withField(deep(6))), [{ keyword: 'depth' }])
})

t.test('PUT takes what GET gives, and no other name', async (t) => {
  const body = { version: 3, created_at: 'x', updated_at: 'y', label: null, fields: [], unique: [] }
  t.equal(define(body, put).name, 'student')
  t.equal(define({ ...body, entity_name: 'student' }, put).name, 'student')
  t.match(refusal({ ...body, entity_name: 'pupil' }, put), [
    { pointer: '/entity_name', message: /must be student/ },
  ])
})

t.test('a hostile definition is refused fast', async (t) => {
  const start = performance.now()
  t.match(refusal({ entity_name: 'a', fields: Array(300_000).fill(1) }), [{ keyword: 'limit' }])
  const unknown = Object.fromEntries(Array.from({ length: 50_000 }, (_, at) => [`k${at}`, 1]))
  t.equal(refusal({ entity_name: 'a', fields: [], ...unknown }).length, 1001)
  t.equal(refusal(withField({ ...name, ...string, ...unknown })).length, 101)
  const members = Array.from({ length: 400 }, (_, at) => ({ name: `m${at}`, ...string }))
  const objects = Array.from({ length: 100 }, (_, at) => ({
    name: `o${at}`,
    type: 'object',
    fields: members,
  }))
  t.match(refusal({ entity_name: 'a', fields: objects }).at(-1), { keyword: 'limit' })
  t.match(refusal({ entity_name: 'a', fields: [], unique: Array(100_000).fill(['a']) }), [
    { keyword: 'limit' },
  ])
  t.ok(performance.now() - start < 2000)
})
