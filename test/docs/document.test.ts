// The document: who gets which operations, made of what validates, in force with the very next request.

import { readFileSync } from 'node:fs'
import t from 'tap'
import { API_VERSION } from '../../lib/openapi/document.ts'
import type { OpenApiDocument } from '../../lib/openapi/reference.ts'
import { ADMIN, addUser, as, asAdmin, signIn, startApp, startWithAdmin } from '../support/app.ts'
import { EVERYTHING, STUDENT } from '../support/docs/sample.ts'

interface Filter {
  name: string
  example: string[]
  schema: { type: string }
}

type Send = ReturnType<typeof as>

async function readDocument(send: Send): Promise<OpenApiDocument> {
  const answer = await send('GET', '/docs/json')
  if (answer.statusCode !== 200) throw new Error(answer.body)
  return answer.json()
}

/** `GET /student/` of every operation. */
function operationsOf({ paths }: OpenApiDocument): string[] {
  return Object.entries(paths).flatMap(([path, { parameters: _, ...methods }]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
}

const STUDENT_OPERATIONS = [
  'GET /student/',
  'POST /student/',
  'PATCH /student/',
  'DELETE /student/',
  'POST /student/query',
  'GET /student/{id}',
  'PUT /student/{id}',
  'PATCH /student/{id}',
  'DELETE /student/{id}',
]

t.test('it carries the version of the package', async (t) => {
  t.equal(API_VERSION, JSON.parse(readFileSync('package.json', 'utf8')).version)
})

t.test('without a token it is the static API alone', async (t) => {
  const { app } = await startWithAdmin(t)
  const before = await app.inject('/docs/json')
  const admin = await asAdmin(app)
  await admin('POST', '/schemas/', { ...STUDENT, entity_name: 'secret' })
  const answer = await app.inject('/docs/json')
  t.equal(answer.statusCode, 200)
  t.match(answer.headers, { vary: /Authorization/, 'cache-control': 'private, no-cache' })
  const document: OpenApiDocument = answer.json()
  t.equal(document.openapi, '3.1.0')
  t.ok(operationsOf(document).includes('POST /schemas/'))
  t.ok(operationsOf(document).includes('GET /{entity}/'))
  t.equal(answer.body, before.body, 'no tenant changes it')
})

t.test('with a bad token it is refused', async (t) => {
  const { app } = await startWithAdmin(t)
  for (const authorization of ['Bearer nonsense', 'Basic YTpi', 'Bearer ', '']) {
    const answer = await app.inject({ url: '/docs/json', headers: { authorization } })
    t.match(answer, { statusCode: 401, headers: { 'www-authenticate': 'Bearer' } }, authorization)
  }
})

t.test('with a token it holds the entities by name, with their fields', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  for (const entity of [STUDENT, EVERYTHING]) await admin('POST', '/schemas/', entity)
  const document = await readDocument(admin)
  const operations = operationsOf(document)
  t.strictSame(
    operations.filter((name) => name.includes('/student')),
    STUDENT_OPERATIONS,
  )
  t.notOk(
    operations.some((name) => name.includes('/{entity}/{id}')),
    'no wildcard',
  )
  t.match(document.tags[1], { name: 'student', description: 'Records of student' })
  t.match(document.components.schemas['student.create'], {
    properties: {
      name: { type: 'string', minLength: 2, description: 'Full name' },
      age: { type: ['integer', 'null'], minimum: 0 },
    },
    required: ['name'],
    additionalProperties: false,
  })
  t.match(document.components.parameters['student.age'], {
    name: 'age',
    in: 'query',
    style: 'form',
    explode: true,
    schema: { type: 'array', items: { type: 'string' } },
    example: ['gte.1'],
  })
  t.match(document.paths['/student/']?.get?.parameters?.[0], { $ref: '#/components/parameters/student.name' })
  t.notOk(Object.hasOwn(document.components.schemas, 'Univera-Record'), 'nor what only the wildcard used')
})

t.test('records go in and come out as CSV and NDJSON too, of one entity and of any', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('POST', '/schemas/', STUDENT)
  const types = { 'application/json': {}, 'text/csv': {}, 'application/x-ndjson': {} }
  const one = (await readDocument(admin)).paths['/student/']
  const any: OpenApiDocument = (await app.inject('/docs/json')).json()
  for (const item of [one, any.paths['/{entity}/']]) {
    t.match(item?.post, { requestBody: { content: types }, responses: { 201: { content: types } } })
    t.match(item?.get, { responses: { 200: { content: types }, 206: { content: types } } })
    t.match(item?.patch, { responses: { 200: { content: types } } })
    t.notMatch(item?.patch, { requestBody: { content: { 'text/csv': {} } } })
  }
})

t.test('what it gives as an example is accepted', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const optional = EVERYTHING.fields.filter(({ name }) => !name.startsWith('b_'))
  for (const entity of [STUDENT, { ...EVERYTHING, fields: optional }])
    await admin('POST', '/schemas/', entity)
  const { components } = await readDocument(admin)
  for (const name of ['student', 'everything']) {
    const [example] = (components.schemas[`${name}.create`] as { examples: object[] }).examples
    const made = await admin('POST', `/${name}/`, example)
    t.equal(made.statusCode, 201, made.body)
    const [answer] = (components.schemas[name] as { examples: object[] }).examples
    t.strictSame(Object.keys(answer ?? {}), Object.keys(made.json()), 'and answers look like theirs')
    const shared = [components.parameters['Univera-And'], components.parameters['Univera-Or']]
    const own = Object.entries(components.parameters).filter(([key]) => key.startsWith(`${name}.`))
    const filters = [...own.map(([, parameter]) => parameter), ...shared] as Filter[]
    for (const { name: field, example, schema } of filters) {
      t.equal(schema.type, 'array', field)
      const query = `${field}=${encodeURIComponent(example[0] ?? '')}`
      const found = await admin('GET', `/${name}/?${query}&${query}`)
      t.equal(found.statusCode, 200, `${query} ${found.body}`)
    }
  }
})

t.test('files and the audit log have their filters as parameters, which may be repeated', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const { paths, components } = await readDocument(admin)
  for (const [path, some] of [
    ['/files/', ['filename', 'size', 'in_use']],
    ['/audit', ['actor', 'action', 'details']],
  ] as const) {
    const all = paths[path]?.get?.parameters as (Filter & { $ref?: string })[]
    const parameters = all.map(({ $ref, ...own }) =>
      $ref ? (components.parameters[$ref.split('/').at(-1) ?? ''] as Filter) : own,
    )
    const filters = parameters.filter(({ schema }) => schema.type === 'array')
    const names = filters.map(({ name }) => name)
    for (const name of [...some, 'or', 'and', 'created_at']) t.ok(names.includes(name), `${path} ${name}`)
    for (const { name, example } of filters) {
      const query = `${name}=${encodeURIComponent(example[0] ?? '')}`
      const found = await admin('GET', `${path}?${query}&${query}`)
      t.equal(found.statusCode, 200, `${path} ${query} ${found.body}`)
    }
  }
})

t.test('a user sees what users may do, an admin what admins may, the operator all', async (t) => {
  const { app } = await startWithAdmin(t)
  const operator = await asAdmin(app)
  await operator('POST', '/schemas/', STUDENT)
  const seen = async (role: string) => {
    const { tokens } = await addUser(app, `the_${role}`, role)
    return operationsOf(await readDocument(as(app, tokens.access_token)))
  }
  const [user, admin] = [await seen('user'), await seen('admin')]
  for (const name of [...STUDENT_OPERATIONS, 'GET /auth/me', 'GET /schemas/', 'POST /auth/token'])
    t.ok(user.includes(name), name)
  for (const name of ['POST /schemas/', 'POST /auth/users', 'DELETE /schemas/{entity}']) {
    t.notOk(user.includes(name), `a user: ${name}`)
    t.ok(admin.includes(name), `an admin: ${name}`)
  }
  t.notOk(admin.includes('POST /tenants'))
  t.ok(operationsOf(await readDocument(operator)).includes('POST /tenants'))
})

t.test('no component has a name that an entity could have, in any case', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const { components } = await readDocument(admin)
  const names = Object.entries(components).flatMap(([section, all]) =>
    section === 'securitySchemes' ? [] : Object.keys(all),
  )
  t.ok(names.length > 30)
  t.same(
    names.filter((name) => /^[a-z][a-z0-9_]*(\.|$)/i.test(name)),
    [],
  )
})

/** Every object of a part, with its path. */
function nodesOf(part: unknown, path = ''): [string, Record<string, unknown>][] {
  if (typeof part !== 'object' || part === null) return []
  const inner = Object.entries(part).flatMap(([key, value]) => nodesOf(value, `${path}/${key}`))
  return [[path, part as Record<string, unknown>], ...inner]
}

t.test('patterns are such as every validator reads, and defaults are words', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const fields = [
    { name: 'code', type: 'string', pattern: '^\\p{L}+$', default: 'a' },
    { name: 'count', type: 'integer', default: 0, required: true },
    {
      name: 'home',
      type: 'object',
      fields: [{ name: 'zip', type: 'string', pattern: '\\P{N}', default: 'x' }],
    },
    { name: 'lines', type: 'array', items: { type: 'string', pattern: '\\p{Lu}' } },
    { name: 'default', type: 'string' },
  ]
  t.equal((await admin('POST', '/schemas/', { entity_name: 'thing', fields })).statusCode, 201)
  const document = await readDocument(admin)
  const nodes = nodesOf(document).filter(([path]) => !/examples?(\/|$)/.test(path))
  t.same(
    nodes.filter(([, { pattern }]) => typeof pattern === 'string' && /\\p/i.test(pattern)),
    [],
  )
  t.same(
    nodes
      .filter(([path, node]) => 'default' in node && !/(properties|responses)$/.test(path))
      .map(([path]) => path),
    [],
  )
  t.match(document.components.schemas['thing.create'], {
    properties: {
      code: { description: 'Matches ^\\p{L}+$ (RE2) — Default: `"a"`' },
      count: { description: 'Default: `0`' },
      default: { type: ['string', 'null'] },
    },
  })
  t.match(JSON.stringify(document.paths['/auth/users']), /must be printable characters/)
})

/** What the document refers to and does not have. */
function danglingIn(document: OpenApiDocument): string[] {
  const find = (path: string) =>
    path.split('/').reduce<unknown>((node, key) => Object(node)[key], document as unknown)
  const references = JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)
  return [...references].flatMap(([, path = '']) => (find(path) === undefined ? [path] : []))
}

t.test('whatever its reader may do with each entity, it has all that it refers to', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  const { tokens } = await addUser(app, 'alice', 'user')
  const allowed = [
    { create: true },
    { read: true },
    { read: true, update: true },
    { read: true, delete: true },
  ]
  for (const [at, permission] of allowed.entries()) {
    await admin('POST', '/schemas/', { ...STUDENT, entity_name: `e${at}` })
    await admin('PUT', `/schemas/e${at}/permissions/user`, permission)
  }
  const document = await readDocument(as(app, tokens.access_token))
  t.same(danglingIn(document), [])
  const paths = Object.keys(document.paths).filter((path) => /^.e[0-9]/.test(path))
  t.same(paths, ['/e0/', ...['e1', 'e2', 'e3'].flatMap((e) => [`/${e}/`, `/${e}/query`, `/${e}/{id}`])])
})

t.test('the document of an entity, and all of them in brief', async (t) => {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  for (const entity of [STUDENT, EVERYTHING]) await admin('POST', '/schemas/', entity)
  const read = async (query: string): Promise<OpenApiDocument> =>
    (await admin('GET', `/docs/json${query}`)).json()
  const [whole, one, brief] = await Promise.all([read(''), read('?entity=student'), read('?brief=true')])
  t.same(Object.keys(one.paths), ['/student/', '/student/query', '/student/{id}'])
  for (const [path, item] of Object.entries(one.paths)) t.same(item, whole.paths[path], path)
  t.same(danglingIn(one), [])
  t.notOk(Object.keys(one.components.schemas).some((name) => name.startsWith('everything')))
  t.same(operationsOf(brief), operationsOf(whole))
  t.same(brief.tags, whole.tags)
  t.same(danglingIn(brief), [])
  t.notOk(Object.hasOwn(brief.components.schemas, 'student'))
  t.match(brief.paths['/student/']?.get, { operationId: 'list_student', summary: 'List records' })
  t.notOk('responses' in (brief.paths['/student/']?.get ?? {}))

  t.match(await admin('GET', '/docs/json?entity=teacher'), { statusCode: 404, body: /entity_not_found/ })
  for (const query of ['brief=perhaps', 'entities=student', 'entity=student&entity=everything'])
    t.match(await admin('GET', `/docs/json?${query}`), { statusCode: 400, body: /invalid_parameter/ }, query)
  t.equal((await app.inject('/docs/json?entity=student')).statusCode, 401)
  await admin('PUT', '/schemas/student/permissions/user', {})
  const user = as(app, (await addUser(app, 'alice', 'user')).tokens.access_token)
  t.equal(
    (await user('GET', '/docs/json?entity=student')).statusCode,
    404,
    'not of one that is closed to the caller',
  )
})

t.test('each tenant has a document of its own', async (t) => {
  const { app } = await startWithAdmin(t)
  const operator = await asAdmin(app)
  await operator('POST', '/schemas/', STUDENT)
  await operator('POST', '/tenants', { name: 'acme', admin: ADMIN })
  const acme = as(app, (await signIn(app, `acme/${ADMIN.username}`, ADMIN.password)).access_token)
  t.notOk((await readDocument(acme)).paths['/student/'])
  await acme('POST', '/schemas/', { ...STUDENT, fields: [{ name: 'secret', type: 'string' }] })
  const parameters = async (send: Send) => Object.keys((await readDocument(send)).components.parameters)
  t.ok((await parameters(acme)).includes('student.secret'))
  t.notOk((await parameters(operator)).includes('student.secret'))
})

t.test('a change is in the very next document, on every instance', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const other = await startApp(t, database)
  const admin = await asAdmin(app)
  const elsewhere = as(other, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  t.notOk((await readDocument(elsewhere)).paths['/student/'])
  await admin('POST', '/schemas/', STUDENT)
  t.ok((await readDocument(elsewhere)).paths['/student/'])
  const fields = [...STUDENT.fields, { name: 'city', type: 'string' }]
  await admin('PUT', '/schemas/student', { ...STUDENT, fields })
  t.ok((await readDocument(elsewhere)).components.parameters['student.city'])
  await admin('DELETE', '/schemas/student')
  t.notOk((await readDocument(elsewhere)).paths['/student/'])
})
