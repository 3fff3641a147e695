// A field that the caller may not read is unknown: for every way of naming a field in field-spellings.json the answer is
// byte for byte that for a field which does not exist, status and headers included, whatever the field's type.
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { addUser, as, asAdmin, startWithAdmin } from '../support/app.ts'

interface Row {
  /** What the row stands for. */
  way: string
  method: 'GET'
  /** `F` is the field's name, `{id}` a record's. */
  url: string
  body?: unknown
  prefer?: string
  accept?: string
  /** Content-Type of the body, which is JSON without it. */
  type?: string
}

const ROWS: Row[] = JSON.parse(readFileSync('test/access/field-spellings.json', 'utf8'))

/** Those that must not be missing. */
const WAYS = [
  ...[
    'select',
    'alias',
    'filter',
    'not',
    'or',
    'and',
    'order',
    'embed',
    'embedded',
    'aggregate',
    'on_conflict',
  ],
  ...['columns', 'json path', 'quoted', 'bracket form', 'count', 'export', 'one record', 'answer of a write'],
  ...['body', 'import'],
]

const PERSON = { entity_name: 'person', fields: [{ name: 'name', type: 'string' }] }

const UNREADABLE = [
  { name: 'zstring1', type: 'string', unique: true, indexed: true },
  { name: 'zinteger', type: 'integer', indexed: true },
  { name: 'zboolean', type: 'boolean' },
  { name: 'zjson001', type: 'json' },
  { name: 'zarray01', type: 'array', items: { type: 'string' } },
  { name: 'zrelated', type: 'relation', entity: 'person' },
  { name: 'zrelmany', type: 'relation', entity: 'person', many: true },
  { name: 'zfile001', type: 'file' },
]

const COURSE = {
  entity_name: 'course',
  fields: [{ name: 'title', type: 'string', unique: true }, ...UNREADABLE],
  unique: [['title', 'zinteger']],
}

const STUDENT = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'course', type: 'relation', entity: 'course' },
    { name: 'zback', type: 'relation', entity: 'course' },
  ],
}

/** As long as the others. */
const UNKNOWN = 'znosuch1'

/** The ways in which a name itself can be written in a URL. */
const WRITINGS: Record<string, (name: string) => string> = {
  plain: (name) => name,
  'URL-encoded': (name) => name.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`),
  'URL-encoded throughout': (name) => Buffer.from(name).toString('hex').replace(/../g, '%$&'),
  'upper case': (name) => name.toUpperCase(),
}

async function start(t: Test) {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  for (const entity of [PERSON, COURSE, STUDENT]) await admin('POST', '/schemas', entity)
  await admin('PUT', '/auth/roles/clerk', {})
  const clerk = as(app, (await addUser(app, 'clerk', 'clerk')).tokens.access_token)
  const all = { read: true, create: true, update: true, delete: true }
  await admin('PUT', '/schemas/person/permissions/clerk', all)
  await admin('PUT', '/schemas/course/permissions/clerk', { ...all, fields: { read: ['title'] } })
  await admin('PUT', '/schemas/student/permissions/clerk', { ...all, fields: { read: ['name', 'course'] } })
  const person = (await admin('POST', '/person', { name: 'p' })).json()
  const course = await admin('POST', '/course', {
    title: 'x',
    zstring1: 's',
    zinteger: 1,
    zrelated: person.id,
  })
  const { id } = course.json()
  await admin('POST', '/student', { name: 'n', course: id, zback: id })
  return { admin, clerk, id }
}

/** Sends the row's request about a field, and gives the answer without what differs from request to request. */
function asker(send: ReturnType<typeof as>, id: string) {
  return async ({ method, url, body, prefer, accept, type }: Row, name: string, written = name) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const headers = {
      ...(prefer === undefined ? {} : { prefer }),
      ...(accept === undefined ? {} : { accept }),
      ...(body === undefined ? {} : { 'content-type': type ?? 'application/json' }),
    }
    const place = url.replaceAll(/\bF\b/g, written).replace('{id}', id)
    const answer = await send(method, place, text?.replaceAll(/\bF\b/g, name), headers)
    const { date: _, 'content-length': __, 'x-request-id': ___, ...rest } = answer.headers
    const told = JSON.stringify([answer.statusCode, rest, answer.body.replace(/"request_id":"[^"]*"/, '')])
    return { status: answer.statusCode, told: told.replaceAll(new RegExp(name, 'gi'), 'F') }
  }
}

t.test('no way of naming a field is forgotten', async (t) => {
  const ways = new Set(ROWS.map(({ way }) => way))
  for (const way of WAYS) t.ok(ways.has(way), way)
})

for (const [writing, write] of Object.entries(WRITINGS))
  t.test(`an unreadable field is an unknown one: ${writing}`, async (t) => {
    const { admin, clerk, id } = await start(t)
    const ask = asker(clerk, id)
    const before = (await admin('GET', '/course?order=id')).body
    const rows = ROWS.filter(({ url }) => writing === 'plain' || /\bF\b/.test(url))
    for (const row of rows) {
      const unknown = await ask(row, UNKNOWN, write(UNKNOWN))
      if (!/bulk=partial/.test(row.prefer ?? ''))
        t.match(String(unknown.status), /^400$/, `${row.method} ${row.url}: ${unknown.told}`)
      for (const { name } of UNREADABLE) {
        const { told } = await ask(row, name, write(name))
        t.equal(told, unknown.told, `${row.method} ${row.url} ${JSON.stringify(row.body)} of ${name}`)
      }
    }
    await admin('DELETE', '/course?title=eq.a')
    t.equal((await admin('GET', '/course?order=id')).body, before, 'and no value has changed')
  })

t.test('an unreadable relation that leads to the entity is no way to it', async (t) => {
  const { clerk } = await start(t)
  const back = await clerk('GET', '/course?select=title,student(name)')
  t.match([back.statusCode, back.json()], [200, [{ title: 'x', student: [{ name: 'n' }] }]], 'not ambiguous')
  const names = ['zback', UNKNOWN]
  const [hinted, unknown] = await Promise.all(
    names.map(async (name) => (await clerk('GET', `/course?select=student!${name}(name)`)).json().detail),
  )
  t.equal(hinted, unknown)
})

t.test('a field that may be written and not read takes values and shows none', async (t) => {
  const { admin, clerk } = await start(t)
  const all = { read: true, create: true, update: true, delete: true }
  const fields = { read: ['title'], write: ['title', 'zstring1'] }
  await admin('PUT', '/schemas/course/permissions/clerk', { ...all, fields })
  const made = await clerk('POST', '/course', { title: 'w', zstring1: 'secret' })
  t.equal(made.statusCode, 201)
  t.notMatch(made.body, /zstring1|secret/)
  t.match((await admin('GET', made.headers.location as string)).json(), { zstring1: 'secret' })
  t.equal((await clerk('GET', '/course?zstring1=eq.secret')).json().code, 'unknown_field')
  t.equal((await clerk('POST', '/course?columns=zstring1', { zstring1: 'a' })).json().code, 'unknown_field')
  const taken = await clerk('POST', '/course', { title: 'v', zstring1: 'secret' })
  t.match(taken.json(), { status: 409, errors: [{ pointer: '' }] })
  t.notMatch(taken.body, /zstring1|secret/)
})

t.test('a field that may be read and not written is refused as such, and keeps its value', async (t) => {
  const { admin, clerk, id } = await start(t)
  const all = { read: true, create: true, update: true, delete: true }
  const fields = { read: ['title', 'zstring1'], write: ['title'] }
  await admin('PUT', '/schemas/course/permissions/clerk', { ...all, fields })
  for (const [method, url, body] of [
    ['POST', '/course', { title: 'v', zstring1: 'x' }],
    ['POST', '/course', [{ title: 'v', zstring1: 'x' }]],
    ['PUT', `/course/${id}`, { title: 'v', zstring1: 'x' }],
    ['PATCH', `/course/${id}`, { zstring1: 'x' }],
    ['PATCH', '/course?title=eq.x', { zstring1: 'x' }],
  ] as const) {
    const refused = (await clerk(method, url, body)).json()
    t.match(
      refused,
      { status: 400, errors: [{ pointer: '/zstring1', keyword: 'readOnly' }] },
      `${method} ${url}`,
    )
  }
  t.equal((await clerk('PUT', `/course/${id}`, { title: 'v' })).statusCode, 200)
  t.match((await admin('GET', `/course/${id}`)).json(), { title: 'v', zstring1: 's', zinteger: 1 })
})

t.test(
  'nobody creates what he cannot complete: a required field without default ends the right',
  async (t) => {
    const { admin, clerk } = await start(t)
    await admin('POST', '/schemas', { ...PERSON, entity_name: 'memo' })
    const rules = { read: true, create: true, fields: { read: ['name'] } }
    await admin('PUT', '/schemas/memo/permissions/clerk', rules)
    await admin('DELETE', '/memo?id=not.is.null')
    const add = (field: object) =>
      admin('PUT', '/schemas/memo', {
        fields: [...PERSON.fields, { name: 'must', type: 'string', ...field }],
      })
    const create = async () => [
      (await clerk('POST', '/memo', { name: 'x' })).statusCode,
      (await clerk('POST', '/memo', [{ name: 'y' }])).statusCode,
      (await clerk('POST', '/memo', 'name\nz', { 'content-type': 'text/csv' })).statusCode,
      Object.hasOwn((await clerk('GET', '/docs/json')).json().paths['/memo/'], 'post'),
    ]
    t.strictSame(await create(), [201, 201, 201, true])
    await admin('DELETE', '/memo?id=not.is.null')
    t.equal((await add({ required: true })).statusCode, 200)
    t.strictSame(await create(), [403, 403, 403, false])
    t.equal(
      (await admin('PUT', '/schemas/memo/permissions/clerk', rules)).statusCode,
      400,
      'nor is it granted',
    )
    t.equal((await add({ required: true, default: 'd' })).statusCode, 200)
    t.strictSame(await create(), [201, 201, 201, true])
  },
)
