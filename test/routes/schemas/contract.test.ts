// The HTTP contract of POST /schemas: who may describe what, and which names are taken.
import t from 'tap'
import { runScenarios } from '../../support/scenario.ts'
import { create, JSON_TYPE, refused, STUDENT, startCallers } from '../../support/schema/contract.ts'

t.test('entities over HTTP', async (t) => {
  const { app, callers } = await startCallers(t)
  const field = (definition: unknown) => ({ entity_name: 'thing', fields: [definition] })

  await runScenarios(t, app, callers, [
    create({
      name: 'an entity is described',
      body: STUDENT,
      status: 201,
      match: {
        entity_name: 'student',
        label: 'Student',
        description: null,
        version: 1,
        fields: [
          { name: 'name', type: 'string', required: true, label: 'Name', ui: { order: 1 } },
          { name: 'age', type: 'integer', default: 18 },
          { name: 'tags', type: 'array', items: { type: 'string' }, max_items: 3 },
          { name: 'home', type: 'object', fields: [{ name: 'city', type: 'string' }] },
        ],
        unique: [['name', 'age']],
        created_at: /Z$/,
        updated_at: /Z$/,
      },
      has: { location: '/schemas/student', etag: /^"1-/ },
    }),
    create({ name: 'once', body: STUDENT, status: 409, match: { code: 'entity_exists' } }),
    create({ name: 'by an admin', as: 'alice', body: STUDENT, status: 403, match: { code: 'forbidden' } }),
    create({ name: 'the right comes before the body', as: 'alice', body: { nope: 1 }, status: 403 }),
    {
      name: 'nobody',
      method: 'POST',
      url: '/schemas/',
      body: {},
      status: 401,
      has: { 'www-authenticate': 'Bearer' },
    },
    { name: 'nobody', method: 'GET', url: '/schemas', status: 401 },
    create({ name: 'no body', status: 400 }),
    create({ name: 'an empty body', headers: JSON_TYPE, status: 400 }),
    create({ name: 'a list', body: [], status: 400 }),
    create({ name: 'null', headers: JSON_TYPE, body: 'null', status: 400 }),
    create({
      name: 'no JSON',
      headers: JSON_TYPE,
      body: '{',
      status: 400,
      match: { code: 'malformed_body' },
    }),
    create({ name: 'another media type', headers: { 'content-type': 'text/plain' }, body: 'x', status: 415 }),
    create({ name: 'no fields', body: { entity_name: 'thing' }, status: 400, match: refused('/fields') }),
    create({ name: 'an entity without fields', body: { entity_name: 'void', fields: [] }, status: 201 }),
    create({ name: 'no name', body: { fields: [] }, status: 400, match: refused('/entity_name') }),
    create({ name: 'a member that is not there', body: { ...STUDENT, nope: 1 }, status: 400 }),
    create({
      name: 'an option that is not there',
      body: field({ name: 'a', type: 'string', minimum: 3 }),
      status: 400,
      match: { errors: [{ pointer: '/fields/0/minimum', message: /min_length/ }] },
    }),
    create({
      name: 'a type that is not there',
      body: field({ name: 'a', type: 'text[]' }),
      status: 400,
      match: { errors: [{ pointer: '/fields/0/type', message: /decimal/ }] },
    }),
    create({
      name: 'a default of another type',
      body: field({ name: 'a', type: 'integer', default: 'x' }),
      status: 400,
      match: refused('/fields/0/default'),
    }),
    create({
      name: 'a relation that leads nowhere',
      body: field({ name: 'a', type: 'relation', entity: 'nowhere' }),
      status: 400,
      match: refused('/fields/0/entity'),
    }),
    create({
      name: 'one that leads nowhere from inside, and other mistakes',
      body: {
        entity_name: 'thing',
        nope: 1,
        fields: [
          { name: 'a', type: 'array', items: { type: 'relation', entity: 'nowhere' } },
          { name: 'b', type: 'object', fields: [{ name: 'c', type: 'relation', entity: 'No Name' }] },
          { name: 'd', type: 'relation', entity: 'thing' },
        ],
      },
      status: 400,
      match: {
        errors: [
          { pointer: '/nope', keyword: 'additionalProperties' },
          { pointer: '/fields/1/fields/0/entity', keyword: 'pattern' },
          { pointer: '/fields/0/items/entity', keyword: 'reference' },
        ],
      },
    }),
    create({
      name: 'it is told with everything else',
      body: {
        entity_name: 'Thing',
        fields: [{ name: 'a', type: 'relation', entity: 'nowhere' }, { type: 'x' }],
      },
      status: 400,
      match: {
        errors: [
          { pointer: '/entity_name' },
          { pointer: '/fields/1/name' },
          { pointer: '/fields/1/type' },
          { pointer: '/fields/0/entity', keyword: 'reference' },
        ],
      },
    }),
    create({
      name: 'a pattern that looks ahead',
      body: field({ name: 'a', type: 'string', pattern: '(?=a)b' }),
      status: 400,
      match: refused('/fields/0/pattern'),
    }),
    create({
      name: 'a unique constraint on what is no field',
      body: { entity_name: 'thing', fields: [{ name: 'a', type: 'string' }], unique: [['a', 'b']] },
      status: 400,
    }),
    create({
      name: 'every mistake at once',
      body: { entity_name: 'Thing', fields: [{ name: 'id', type: 'string' }, { name: 'a', type: 'x' }, 3] },
      status: 400,
      match: {
        errors: [
          { pointer: '/entity_name' },
          { pointer: '/fields/0/name' },
          { pointer: '/fields/1/type' },
          { pointer: '/fields/2' },
        ],
      },
    }),
  ])

  const badNames = ['Thing', '1a', 'a-b', '_a', 'a'.repeat(64), 'ä', '', 'a b', 'a\u0000', 7, 'valueof\n']
  const reserved =
    'auth schemas files docs health metrics tenants audit admin api rpc rest users roles realtime webhooks static'
  await runScenarios(
    t,
    app,
    callers,
    [...badNames, ...reserved.split(' '), 'constructor'].map((entity_name) =>
      create({
        name: `an entity called ${JSON.stringify(entity_name)}`,
        body: { entity_name, fields: [] },
        status: 400,
        match: refused('/entity_name'),
      }),
    ),
  )
  const words = 'select columns on_conflict order limit offset cursor and or not q explain'
  const system = 'id created_at updated_at created_by updated_by'
  const inherited = 'constructor toString valueOf hasOwnProperty __proto__ isPrototypeOf toLocaleString'
  await runScenarios(
    t,
    app,
    callers,
    [...`${words} ${system} ${inherited}`.split(' '), '1a', 'a-b', '_a', 'a'.repeat(64), '', 7].map((name) =>
      create({
        name: `a field called ${JSON.stringify(name)}`,
        body: `{"entity_name":"thing","fields":[{"name":${JSON.stringify(name)},"type":"string"}]}`,
        headers: JSON_TYPE,
        status: 400,
        match: refused('/fields/0/name'),
      }),
    ),
  )
  await runScenarios(t, app, callers, [
    create({
      name: 'a field named twice',
      body: { entity_name: 'thing', fields: ['a', 'a'].map((name) => ({ name, type: 'text' })) },
      status: 400,
      match: refused('/fields/1/name'),
    }),
    create({
      name: 'five unique constraints',
      body: {
        entity_name: 'thing',
        fields: [...'abcde'].map((name) => ({ name, type: 'text', unique: true })),
      },
      status: 400,
      match: { errors: [{ message: /4/ }] },
    }),
    create({
      name: 'thirteen indexes',
      body: {
        entity_name: 'thing',
        fields: [...'abcdefghijklm'].map((name) => ({ name, type: 'text', indexed: true })),
      },
      status: 400,
      match: { errors: [{ message: /12/ }] },
    }),
    create({
      name: '501 fields',
      body: {
        entity_name: 'thing',
        fields: Array.from({ length: 501 }, (_, i) => ({ name: `f${i}`, type: 'int' })),
      },
      status: 400,
      match: { errors: [{ message: /500/ }] },
    }),
  ])
})
