// The schemas of an entity's records: what each accepts and how it documents itself.
import t from 'tap'
import { fieldTypes } from '../../../lib/fields/index.ts'
import { parseDefinition } from '../../../lib/schema/definition/parse-definition.ts'
import { type Described, jsonSchema, recordSchemas } from '../../../lib/schema/json-schema/record-schemas.ts'
import { createValidator } from '../../../lib/validation/ajv.ts'

function describe(fields: unknown[]): Described {
  const body = { entity_name: 'student', description: 'A learner', fields }
  return parseDefinition(body, { segments: new Set() })
}

const student = describe([
  { name: 'name', type: 'string', required: true, label: 'Full name', description: 'As in the passport' },
  { name: 'age', type: 'integer', min: 0 },
  { name: 'level', type: 'enum', values: ['a', 'b'], required: true, default: 'a' },
  { name: 'course', type: 'relation', entity: 'course', description: 'Main course' },
  { name: 'meta', type: 'json' },
  { name: 'home', type: 'object', fields: [{ name: 'zip', type: 'string', required: true }] },
])

const schemas = recordSchemas(student)

const validator = createValidator()

const check = {
  create: validator.compile(schemas.create),
  replace: validator.compile(schemas.replace),
  patch: validator.compile(schemas.patch),
  record: validator.compile(schemas.record),
}

const scenarios: [body: unknown, create: string[], replace: string[], patch: string[]][] = [
  [{ name: 'A' }, [], [], []],
  [{}, ['/name'], ['/name'], []],
  [{ name: null }, ['/name'], ['/name'], ['/name']],
  [{ name: 'A', level: null }, ['/level'], ['/level'], ['/level']],
  [{ name: 'A', age: null, course: null, meta: null, home: null }, [], [], []],
  [{ name: 'A', age: -1, nope: 1 }, ['/nope', '/age'], ['/nope', '/age'], ['/nope', '/age']],
  [
    { name: 'A', id: 'x', created_at: 'x' },
    ['/id', '/created_at'],
    ['/id', '/created_at'],
    ['/id', '/created_at'],
  ],
  [{ name: 'A', home: {} }, ['/home/zip'], ['/home/zip'], ['/home/zip']],
  [{ name: 'A', home: { zip: '1', x: 1 } }, ['/home/x'], ['/home/x'], ['/home/x']],
  [[{ name: 'A' }], [''], [''], ['']],
]

for (const [body, ...wanted] of scenarios) {
  t.test(`${JSON.stringify(body)} by create, replace and patch`, async (t) => {
    const pointers = [check.create, check.replace, check.patch].map((one) =>
      one(body).map(({ pointer }) => pointer),
    )
    t.same(pointers, wanted)
  })
}

t.test('a record in an answer has every field, null when unset, and the columns of the server', async (t) => {
  const id = '0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a'
  const stamps = {
    created_at: '2024-01-01T00:00:00Z',
    updated_at: '2024-01-01T00:00:00Z',
    created_by: id,
    updated_by: null,
  }
  const record = { id, name: 'A', age: null, level: 'a', course: null, meta: null, home: null, ...stamps }
  t.strictSame(check.record(record), [])
  t.same(schemas.record.required, Object.keys(record))
  t.strictSame(check.record({ ...record, name: null }).length, 1)
})

t.test('the schemas document themselves', async (t) => {
  t.match(schemas.create, {
    title: 'student',
    description: 'A learner',
    properties: {
      name: { type: 'string', title: 'Full name', description: 'As in the passport' },
      age: { type: ['integer', 'null'], minimum: 0 },
      level: { enum: ['a', 'b'], default: 'a', examples: ['a'] },
      course: { type: ['string', 'null'], format: 'uuid', description: 'Main course — id of course' },
    },
    required: ['name'],
  })
  const patch = schemas.patch.properties as Record<string, object>
  t.notOk(Object.hasOwn(patch.level ?? {}, 'default'), 'PATCH fills in nothing')
  t.notOk(Object.hasOwn(schemas.patch, 'required'))
  t.match(jsonSchema(student), {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    properties: { id: { readOnly: true }, created_by: { type: ['string', 'null'] } },
    additionalProperties: false,
  })
})

t.test('schemas are frozen, so that caches may go by identity', async (t) => {
  t.throws(() => Object.assign(schemas.create.properties as object, { x: 1 }))
})

t.test(
  'every type with every option gives schemas that compile and examples that satisfy them',
  async (t) => {
    const options: Record<string, unknown> = {
      ...{ min_length: 1, max_length: 50, precision: 6, scale: 3, many: true, on_delete: 'set_null' },
      ...{
        values: ['a', 'b'],
        max_size: 1000,
        mime_types: ['image/*'],
        entity: 'course',
        min_items: 1,
        max_items: 3,
      },
      ...{ items: { type: 'date' }, fields: [{ name: 'x', type: 'time' }] },
    }
    const fields = fieldTypes.flatMap((type) => {
      const own = Object.entries(options).filter(([name]) => Object.hasOwn(type.options, name))
      const needed = own.filter(([name]) => type.requiredOptions?.includes(name))
      return [
        { name: `${type.name}_few`, type: type.name, ...Object.fromEntries(needed) },
        {
          name: `${type.name}_all`,
          type: type.name,
          ...Object.fromEntries(own),
          label: 'L',
          description: 'D',
        },
      ]
    })
    const { create } = recordSchemas(describe(fields))
    const validate = createValidator().compile(create)
    const properties = Object.entries(create.properties as Record<string, { examples?: unknown[] }>)
    const examples = properties.flatMap(([name, { examples }]) => (examples ? [[name, examples[0]]] : []))
    t.ok(examples.length > 10)
    t.strictSame(validate(Object.fromEntries(examples)), [])
    t.strictSame(
      validate(Object.fromEntries(properties.map(([name]) => [name, null]))),
      [],
      'null unsets any of them',
    )
  },
)
