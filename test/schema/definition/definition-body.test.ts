// Definitions as a whole: what is refused beside their fields, everything at once, and limits that name themselves.
import t from 'tap'
import { define, name, put, refusal, string, withField } from '../../support/schema/define.ts'
import { hostileDefinitions } from '../../support/schema/hostile.ts'

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

t.test('a hostile definition is refused, and told no more than helps', async (t) => {
  const { list, unknown, unknownOfField, objects, unique } = hostileDefinitions()
  t.match(refusal(list), [{ keyword: 'limit' }])
  t.equal(refusal(unknown).length, 1001)
  t.equal(refusal(unknownOfField).length, 101)
  t.match(refusal(objects).at(-1), { keyword: 'limit' })
  t.match(refusal(unique), [{ keyword: 'limit' }])
})
