// Bodies to stored data, and stored data to the columns beside it.
import t from 'tap'
import { derive } from '../../lib/entities/derived-columns.ts'
import type { Entity } from '../../lib/entities/entity.ts'
import { patchFromBody, recordFromBody, withoutNulls } from '../../lib/records/stored-data.ts'
import { createEntityDefinition } from '../../lib/schema/change/revise.ts'
import { parseDefinition } from '../../lib/schema/definition/parse-definition.ts'
import { recordSchemas } from '../../lib/schema/json-schema/record-schemas.ts'
import { createValidator } from '../../lib/validation/ajv.ts'

const ID = '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a'

function entityOf(fields: unknown[], unique?: string[][]): Entity {
  const parsed = parseDefinition({ entity_name: 'order_line', fields, unique }, { segments: new Set() })
  const stamp = '2024-01-01T00:00:00Z'
  const around = { tenantId: ID, id: 7, name: parsed.name, version: 1, createdAt: stamp, updatedAt: stamp }
  return { ...createEntityDefinition(parsed), ...around }
}

const entity = entityOf(
  [
    { name: 'title', type: 'string', indexed: true },
    { name: 'price', type: 'decimal', scale: 2, min: 0 },
    { name: 'due', type: 'datetime', default: '2024-01-01T01:00:00+01:00', max: '2030-01-01T00:00:00Z' },
    { name: 'born', type: 'date', indexed: true },
    { name: 'course', type: 'relation', entity: 'course' },
    { name: 'files', type: 'array', items: { type: 'file' } },
    { name: 'meta', type: 'json' },
  ],
  [['title', 'price']],
)

t.test('a whole record takes defaults, a patch does not, and null is kept apart from absent', async (t) => {
  const { data, violations } = recordFromBody(entity, { title: 'x', born: null })
  t.strictSame(violations, [])
  t.strictSame(data, {
    title: 'x',
    price: null,
    due: '2024-01-01T00:00:00Z',
    born: null,
    course: null,
    files: null,
    meta: null,
  })
  t.strictSame(patchFromBody(entity, { born: null }).data, { born: null })
  t.strictSame(recordFromBody(entity, { due: null }).data.due, null, 'null is no gap')
  t.strictSame(withoutNulls(data), { title: 'x', due: '2024-01-01T00:00:00Z' })
})

t.test('what the schema refuses and what only the type refuses are told together', async (t) => {
  const body = {
    title: 5,
    price: '1.234',
    due: '2031-01-01T00:00:00Z',
    born: '2024-02-30',
    meta: ['\0'],
    nope: 1,
  }
  const validate = createValidator().compile(recordSchemas(entity).create)
  const { violations } = recordFromBody(entity, body, validate(body))
  t.strictSame(violations.map(({ pointer, keyword }) => `${pointer} ${keyword}`).sort(), [
    '/born format',
    '/due maximum',
    '/meta/0 text',
    '/nope additionalProperties',
    '/price scale',
    '/title type',
  ])
  t.strictSame(recordFromBody(entity, [], validate([])).violations.length, 1)
})

t.test('keys that no slot has and SQL cannot make, slots and links follow from the data', async (t) => {
  const data = { title: 'Ä', price: '1.00', course: ID, files: [ID], meta: {} }
  t.strictSame(derive(entity, data), {
    keys: { price: '250001' },
    slots: { k1: 'a\u0001Ä', k2: '\u{10ffff}', u1: '1:Ä6:250001' },
    links: [
      { field: 'course', entity: 'course', ids: [ID] },
      { field: 'files', entity: null, ids: [ID] },
    ],
  })
})

t.test('unique keys are exact: never folded, never cut, null beside anything is free', async (t) => {
  const two = entityOf(
    [
      { name: 'a', type: 'string' },
      { name: 'b', type: 'string' },
    ],
    [['a', 'b']],
  )
  const key = (a?: string, b?: string) =>
    derive(two, { ...(a === undefined ? {} : { a }), ...(b === undefined ? {} : { b }) }).slots.u1
  const pairs: [[string, string], [string, string]][] = [
    [
      ['a', 'b'],
      ['A', 'b'],
    ],
    [
      ['ab', 'c'],
      ['a', 'bc'],
    ],
    [
      ['1:a', 'b'],
      ['1', 'a1:b'],
    ],
    [
      ['x'.repeat(300), 'y'],
      [`${'x'.repeat(299)}z`, 'y'],
    ],
    [
      ['e\u0301', ''],
      ['é', ''],
    ],
  ]
  for (const [one, other] of pairs) t.not(key(...one), key(...other))
  t.equal(key('x'.repeat(300), 'y')?.length, 64)
  t.equal(key('a'), null)
  t.equal(key(undefined, 'b'), null)
  const price = entityOf([{ name: 'p', type: 'decimal', unique: true }])
  t.equal(
    derive(price, { p: '1.50' }).slots.u1,
    derive(price, { p: '1.5' }).slots.u1,
    'equal numbers are equal',
  )
})

t.test('a value that is wrong in a hundred thousand places is refused like any other', async (t) => {
  const list = entityOf([{ name: 'prices', type: 'array', items: { type: 'decimal', scale: 1 } }])
  const { violations } = recordFromBody(list, { prices: Array(200_000).fill('1.25') })
  t.match(violations[199_999], { pointer: '/prices/199999', keyword: 'scale' })
})
