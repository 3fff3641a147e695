// The validator's settings: nothing coerced, nothing dropped, nothing inherited; every violation, in words.
import t from 'tap'
import type { JsonSchema } from '../../lib/fields/field.ts'
import { createValidator } from '../../lib/validation/ajv.ts'

const student: JsonSchema = {
  type: 'object',
  title: 'student',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 3 },
    age: { type: ['integer', 'null'], minimum: 0, maximum: 150 },
    code: { type: 'string', pattern: '^[a-z]+$' },
    zip: { type: 'string', pattern: '^[0-9]+$' },
    born: { type: 'string', format: 'date' },
    color: { type: 'string', enum: ['red', 'green'] },
    tags: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 2, uniqueItems: true },
    price: { type: 'number', multipleOf: 0.01 },
    home: {
      type: 'object',
      title: 'home',
      properties: { id: { type: 'string' } },
      additionalProperties: false,
    },
  },
  required: ['name'],
  additionalProperties: false,
}

const validate = createValidator().compile(student)

const fields = 'fields: name, age, code, zip, born, color, tags, price, home'

const scenarios: [body: string, pointer: string, keyword: string, message: string][] = [
  ['{}', '/name', 'required', 'is required'],
  ['5', '', 'type', 'must be an object'],
  ['{"name":null}', '/name', 'type', 'must be a string, not null'],
  ['{"name":5}', '/name', 'type', 'must be a string'],
  ['{"name":""}', '/name', 'minLength', 'must have at least 1 character'],
  ['{"name":"abcd"}', '/name', 'maxLength', 'must have at most 3 characters'],
  ['{"name":"a","age":"5"}', '/age', 'type', 'must be an integer or null'],
  ['{"name":"a","age":5.5}', '/age', 'type', 'must be an integer or null'],
  ['{"name":"a","age":[5]}', '/age', 'type', 'must be an integer or null'],
  ['{"name":"a","age":true}', '/age', 'type', 'must be an integer or null'],
  ['{"name":"a","age":-1}', '/age', 'minimum', 'must be at least 0'],
  ['{"name":"a","age":151}', '/age', 'maximum', 'must be at most 150'],
  ['{"name":"a","code":"1"}', '/code', 'pattern', 'must match the pattern ^[a-z]+$'],
  ['{"name":"a","zip":"a"}', '/zip', 'pattern', 'must match the pattern ^[0-9]+$'],
  ['{"name":"a","born":"2023-02-29"}', '/born', 'format', 'must be a date such as 2024-02-29'],
  ['{"name":"a","born":5}', '/born', 'type', 'must be a date such as 2024-02-29'],
  ['{"name":"a","color":"blue"}', '/color', 'enum', 'must be one of red, green'],
  ['{"name":"a","color":1}', '/color', 'type', 'must be one of red, green'],
  ['{"name":"a","tags":[]}', '/tags', 'minItems', 'must have at least 1 item'],
  ['{"name":"a","tags":["a","b","c"]}', '/tags', 'maxItems', 'must have at most 2 items'],
  [
    '{"name":"a","tags":["a","a"]}',
    '/tags',
    'uniqueItems',
    'must not repeat a value (items 0 and 1 are equal)',
  ],
  ['{"name":"a","tags":["a",1]}', '/tags/1', 'type', 'must be a string'],
  ['{"name":"a","tags":{"0":"a"}}', '/tags', 'type', 'must be an array'],
  ['{"name":"a","nope":1}', '/nope', 'additionalProperties', `is not a field of student; ${fields}`],
  ['{"name":"a","a/b~":1}', '/a~1b~0', 'additionalProperties', `is not a field of student; ${fields}`],
  ['{"name":"a","id":1}', '/id', 'additionalProperties', 'is set by the server and cannot be sent'],
  ['{"name":"a","home":{"x":1}}', '/home/x', 'additionalProperties', 'is not a field of home; fields: id'],
  [
    '{"name":"a","__proto__":{"age":1}}',
    '/__proto__',
    'additionalProperties',
    `is not a field of student; ${fields}`,
  ],
  [
    '{"name":"a","constructor":1}',
    '/constructor',
    'additionalProperties',
    `is not a field of student; ${fields}`,
  ],
]

for (const [body, pointer, keyword, message] of scenarios) {
  t.test(`refuses ${body} in words`, async (t) => {
    t.strictSame(validate(JSON.parse(body)), [{ pointer, keyword, message }])
  })
}

t.test('what fits passes, untouched', async (t) => {
  for (const body of [
    { name: '😀😀😀', age: null },
    { name: 'a', price: 19.99, home: { id: 'x' }, born: '2024-02-29' },
  ]) {
    const copy = structuredClone(body)
    t.strictSame(validate(body), [])
    t.strictSame(body, copy)
  }
})

t.test('every violation is found, and no more are told than one can read', async (t) => {
  t.equal(validate({ age: -1, nope: 1, tags: [1, 2, 3] }).length, 7)
  const many = validate({ name: 'a', tags: Array(200_000).fill(1) })
  t.equal(many.length, 101)
  t.match(many.at(-1), { keyword: 'too_many', message: /first 100/ })
})

t.test('inherited properties are neither values nor known names', async (t) => {
  const one = createValidator().compile({
    type: 'object',
    properties: { toString: { type: 'string' }, constructor: { type: 'string' } },
    required: ['constructor'],
    additionalProperties: false,
  })
  t.match(one({}), [{ pointer: '/constructor', keyword: 'required' }])
  t.match(one({ constructor: 'x', valueOf: 1 }), [{ pointer: '/valueOf' }])
  t.strictSame(one({ constructor: 'x', toString: 'y' }), [])
})

t.test('a validator that is let go of takes its schemas along', async (t) => {
  t.not(createValidator().compile(student), createValidator().compile(student))
})
