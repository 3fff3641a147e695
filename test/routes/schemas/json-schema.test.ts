// What is published as JSON Schema is used elsewhere: Ajv as it comes, strict, takes it, and finds the records valid.
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import t from 'tap'
import { addUser, as, asAdmin, startWithAdmin } from '../../support/app.ts'

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
    t.ok(ajv.validate('/Univera-Entity', definition), ajv.errorsText())
  })

  await t.test('those of the bodies take what the server takes', async (t) => {
    const schemaFor = async (purpose: string) =>
      (await send('GET', `/schemas/shop/json-schema?for=${purpose}`)).json()
    const isNew = strict().compile(await schemaFor('create'))
    const isChange = strict().compile(await schemaFor('update'))
    for (const [body, create, update] of [
      [FULL, true, true],
      [{}, true, true],
      [{ ...FULL, id: stored[0].id }, false, false],
      [{ nope: 1 }, false, false],
      [{ meta: [1, 'x', null] }, true, true],
    ] as const)
      t.strictSame([isNew(body), isChange(body)], [create, update], JSON.stringify(body))
    t.same(await schemaFor('record'), (await send('GET', '/schemas/shop/json-schema')).json())
    t.match((await schemaFor('create')).properties.meta.type, ['object', 'array', 'string'])
    t.match((await schemaFor('record')).properties.meta.type, ['object', 'array', 'string'])
  })
})

const RATING = {
  entity_name: 'rating',
  label: 'Rating',
  fields: [
    { name: 'shop', type: 'relation', entity: 'rating', on_delete: 'set_null', group: 'Links' },
    { name: 'photos', type: 'file', mime_types: ['image/*'], many: true },
    { name: 'stars', type: 'integer', required: true, default: 3, ui: { widget: 'stars' } },
    { name: 'by', type: 'string', required: true },
    { name: 'more', type: 'object', fields: [{ name: 'rows', type: 'array', items: { type: 'json' } }] },
  ],
}

t.test('what a schema is for, and annotations', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  t.equal((await send('POST', '/schemas', RATING)).statusCode, 201)
  const read = (query: string, headers = {}) =>
    send('GET', `/schemas/rating/json-schema?${query}`, undefined, headers)

  t.match((await read('for=create')).json(), {
    title: 'Rating',
    required: ['by'],
    properties: { stars: { default: 3 } },
  })
  const update = (await read('for=update')).json()
  t.notOk(
    'required' in update || 'default' in update.properties.stars,
    'an update requires and fills in nothing',
  )
  t.notMatch((await read('for=create&annotations=false')).body, /x-univera/)

  for (const purpose of ['record', 'create', 'update']) {
    const { properties } = (await read(`for=${purpose}&annotations=true`)).json()
    t.strictSame(
      properties.shop['x-univera'],
      { type: 'relation', entity: 'rating', on_delete: 'set_null', group: 'Links' },
      purpose,
    )
    t.strictSame(properties.photos['x-univera'], { type: 'file', many: true, mime_types: ['image/*'] })
    t.strictSame(properties.stars['x-univera'], { type: 'integer', ui: { widget: 'stars' } })
    t.strictSame(properties.more.properties.rows.items['x-univera'], { type: 'json' })
  }

  const tags = await Promise.all(
    ['', 'for=create', 'for=update', 'for=create&annotations=true'].map(async (query) => {
      const { etag } = (await read(query)).headers
      t.equal((await read(query, { 'if-none-match': etag })).statusCode, 304, query)
      return etag
    }),
  )
  t.equal(new Set(tags).size, tags.length, 'each has a tag of its own')

  for (const query of ['for=delete', 'for=', 'annotations=maybe', 'annotation=true', 'for=create&for=update'])
    t.match(await read(query), { statusCode: 400, body: /invalid_parameter/ }, query)

  const { tokens } = await addUser(app, 'reader', 'user')
  const user = as(app, tokens.access_token)
  const forUser = (purpose: string) => user('GET', `/schemas/rating/json-schema?for=${purpose}`)
  await send('PUT', '/schemas/rating/permissions/user', { read: true })
  t.match([await forUser('create'), await forUser('update')], [{ statusCode: 403 }, { statusCode: 403 }])
  t.equal((await forUser('record')).statusCode, 200)
  const fields = { read: ['stars'], write: ['by'] }
  await send('PUT', '/schemas/rating/permissions/user', { read: true, create: true, fields })
  t.same(Object.keys((await forUser('create')).json().properties), ['by'], 'what the caller may write')
})
