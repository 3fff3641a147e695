// The documented grammar of definitions is the one that validates them.
import t from 'tap'
import { fieldTypes } from '../../../lib/fields/index.ts'
import { definitionComponents } from '../../../lib/schema/definition/definition-schema.ts'
import { createAjv } from '../../../lib/validation/ajv.ts'

const ajv = createAjv()

ajv.addVocabulary(['components'])

ajv.addSchema({ $id: 'docs', components: { schemas: definitionComponents() } } as object, 'docs')

const isDefinition = ajv.compile({ $ref: 'docs#/components/schemas/EntityDefinition' })

t.test('the documented schemas refer to each other and tell definitions from others', async (t) => {
  const nested = {
    name: 'o',
    type: 'object',
    fields: [{ name: 'a', type: 'array', items: { type: 'int', min: 1 } }],
  }
  t.ok(
    isDefinition({ entity_name: 'student', fields: [{ name: 'name', type: 'str', unique: true }, nested] }),
  )
  for (const field of [
    { name: 'x', type: 'money' },
    { name: 'x', type: 'string', min: 1 },
    { name: 'x', type: 'enum' },
    { name: 'x', type: 'array', items: { type: 'int', unique: true } },
    { name: 'x', type: 'object', fields: [{ type: 'int' }] },
  ]) {
    t.notOk(isDefinition({ entity_name: 'student', fields: [field] }), JSON.stringify(field))
  }
})

t.test('every type and option is described', async (t) => {
  for (const type of fieldTypes) {
    t.ok(type.summary.endsWith('.'))
    for (const [option, schema] of Object.entries(type.options))
      t.ok(schema.description, `${type.name}.${option}`)
  }
})
