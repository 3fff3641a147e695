// What is published as JSON Schema is used elsewhere: Ajv as it comes, strict, takes it, and finds the records valid.
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import t from 'tap'
import { asAdmin, startWithAdmin } from '../../support/app.ts'

const SHOP = {
  entity_name: 'shop',
  fields: [
    { name: 'price', type: 'decimal', precision: 10, scale: 2, min: '0' },
    { name: 'opens', type: 'time', min: '06:00' },
    { name: 'code', type: 'string', pattern: '(?i)^[a-z]+$', description: 'Short name' },
    { name: 'phone', type: 'string', pattern: '^\\d{3}\\-\\d{4}$' },
    { name: 'zip', type: 'string', pattern: '^\\d{5}$' },
    { name: 'prices', type: 'array', items: { type: 'decimal' } },
    { name: 'format', type: 'object', fields: [{ name: 'default', type: 'decimal', required: true }] },
    { name: 'at', type: 'datetime' },
    { name: 'site', type: 'url' },
    { name: 'mail', type: 'email' },
    { name: 'tags', type: 'enum', values: ['a'], many: true },
    { name: 'meta', type: 'json' },
  ],
}

const FULL = {
  price: '19.9',
  opens: '08:30',
  code: 'ABC',
  phone: '123-4567',
  zip: '53111',
  prices: ['1.50', '-2'],
  format: { default: '0.10' },
  at: '2024-01-01T10:00:00.5+01:00',
  site: 'https://example.com/a?b=c#d',
  mail: 'a@example.com',
  tags: ['a'],
  meta: { format: 'decimal' },
}

function strict() {
  const ajv = new Ajv2020({ allowUnionTypes: true })
  formats.default(ajv)
  return ajv
}

t.test('published schemas', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  t.equal((await send('POST', '/schemas', SHOP)).statusCode, 201)
  const records = [FULL, {}].map((body) => send('POST', '/shop', body))
  const stored = (await Promise.all(records)).map((answer) => answer.json())

  await t.test('the one of a record is strict 2020-12 and takes every record', async (t) => {
    const schema = (await send('GET', '/schemas/shop/json-schema')).json()
    const isRecord = strict().compile(schema)
    for (const record of stored) t.ok(isRecord(record), JSON.stringify(isRecord.errors))
    for (const [name, value] of [
      ['price', '1e5'],
      ['price', 1.5],
      ['opens', '25:00'],
      ['zip', 'x'],
    ])
      t.notOk(isRecord({ ...stored[0], [name as string]: value }), `${name} is not ${value}`)
    t.match(schema.properties.code, { description: 'Short name — Matches (?i)^[a-z]+$ (RE2)' })
    t.equal(schema.properties.zip.pattern, '^\\d{5}$')
  })

  await t.test('those of the OpenAPI document are strict too', async (t) => {
    const { components } = (await send('GET', '/docs/json')).json()
    const ajv = strict()
    const names = Object.keys(components.schemas)
    for (const [name, schema] of Object.entries(components.schemas)) {
      const whole = JSON.stringify(schema).replaceAll('#/components/schemas/', '/')
      ajv.addSchema({ ...JSON.parse(whole), $id: `/${name}` })
    }
    for (const name of names) t.type(ajv.getSchema(`/${name}`), 'function', name)
    t.ok(names.includes('shop.create'))
    const definition = (await send('GET', '/schemas/shop')).json()
    t.ok(ajv.validate('/Entity', definition), ajv.errorsText())
  })
})
