// Another tenant's things are indistinguishable from nothing: each request is sent twice, once about a thing of the other
// tenant and once about one that does not exist, and the answers are the same but for the name that was asked for.
import t, { type Test } from 'tap'
import { as, asAdmin, signIn } from '../support/app.ts'
import { MULTIPART, multipart, startFiles } from '../support/files/app.ts'

const PASSWORD = 'a password'

const COURSE = {
  entity_name: 'course',
  fields: [
    { name: 'title', type: 'string', unique: true },
    { name: 'next', type: 'relation', entity: 'course' },
    { name: 'paper', type: 'file' },
  ],
}

type Send = ReturnType<typeof as>

type Answer = Awaited<ReturnType<Send>>

async function tenantOf(operator: Send, app: Parameters<typeof as>[0], name: string): Promise<Send> {
  await operator('POST', '/tenants', { name, admin: { username: 'boss', password: PASSWORD } })
  const send = as(app, (await signIn(app, `${name}/boss`, PASSWORD)).access_token)
  await send('POST', '/schemas', COURSE)
  return send
}

async function furnish(send: Send) {
  const upload = multipart({ filename: 'a.txt', content: 'theirs' })
  const file = (await send('POST', '/files/upload', upload, MULTIPART)).json().id
  const record = (await send('POST', '/course', { title: 'theirs', paper: file })).json().id
  const user = (
    await send('POST', '/auth/users', { username: 'ann', password: PASSWORD, role: 'user' })
  ).json().id
  const key = (await send('POST', '/auth/keys', { name: 'k', role: 'user' })).json().id
  await send('PUT', '/auth/roles/clerk', {})
  await send('POST', '/schemas', { ...COURSE, entity_name: 'theirs', fields: COURSE.fields.slice(0, 1) })
  await send('PUT', '/schemas/theirs/permissions/clerk', { read: true })
  return { file, record, user, key, entity: 'theirs', role: 'clerk', username: 'ann' }
}

async function start(t: Test) {
  const { app } = await startFiles(t)
  const operator = await asAdmin(app)
  const home = await tenantOf(operator, app, 'home')
  const other = await tenantOf(operator, app, 'other')
  return { app, home, other, theirs: await furnish(other) }
}

const ID = '01980000-0000-7000-8000-000000000000'

const NOTHING = { file: ID, record: ID, user: ID, key: ID, entity: 'nosuch', role: 'nobody', username: 'bob' }

const EMPTY = { prefer: 'return=representation' }

/** Requests about a thing, `{kind}`. */
const REQUESTS: [
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: object,
  headers?: object,
][] = [
  ['GET', '/course/{record}'],
  ['GET', '/course/{record}?select=*,next(*)', undefined, { 'if-none-match': '*' }],
  ['PUT', '/course/{record}', { title: 'x' }],
  ['PATCH', '/course/{record}', { title: 'x' }],
  ['PATCH', '/course/{record}', { title: 'x' }, { 'if-match': '"1-1-x"' }],
  ['DELETE', '/course/{record}'],
  ['GET', '/course?id=eq.{record}', undefined, { prefer: 'count=exact' }],
  ['GET', '/course?id=eq.{record}', undefined, { accept: 'text/csv' }],
  ['GET', '/course?id=eq.{record}&select=count()'],
  ['PATCH', '/course?id=eq.{record}', { title: 'x' }, EMPTY],
  ['DELETE', '/course?id=eq.{record}', undefined, EMPTY],
  ['GET', '/course?next=eq.{record}'],
  ['GET', '/course?cursor={record}'],
  ['POST', '/course', { title: 'x', next: '{record}' }],
  ['POST', '/course', [{ title: 'x', next: '{record}' }] as never],
  ['POST', '/course', [{ title: 'x', next: '{record}' }] as never, { prefer: 'bulk=partial' }],
  [
    'POST',
    '/course?on_conflict=title',
    { title: 'x', next: '{record}' },
    { prefer: 'resolution=merge-duplicates' },
  ],
  ['POST', '/course', { title: 'x', paper: '{file}' }],
  ['GET', '/files/{file}'],
  ['GET', '/files/{file}/content'],
  ['DELETE', '/files/{file}'],
  ['GET', '/files?cursor={file}'],
  ['GET', '/auth/users/{user}'],
  ['PATCH', '/auth/users/{user}', { active: false }],
  ['PATCH', '/auth/users/{user}', { password: PASSWORD }],
  ['DELETE', '/auth/users/{user}'],
  ['GET', '/auth/keys/{key}'],
  ['DELETE', '/auth/keys/{key}'],
  ['GET', '/auth/roles/{role}'],
  ['DELETE', '/auth/roles/{role}'],
  ['POST', '/auth/users', { username: 'x', password: PASSWORD, role: '{role}' }],
  ['POST', '/auth/keys', { name: 'x', role: '{role}' }],
  ['GET', '/schemas/{entity}'],
  ['GET', '/schemas/{entity}/json-schema'],
  ['GET', '/schemas/{entity}/indexes'],
  ['GET', '/schemas/{entity}/permissions'],
  ['PUT', '/schemas/{entity}/permissions/user', { read: true }],
  ['PUT', '/schemas/{entity}', { fields: COURSE.fields }],
  ['DELETE', '/schemas/{entity}'],
  ['GET', '/{entity}'],
  ['POST', '/{entity}', { title: 'x' }],
  ['GET', '/course?select=title,{entity}(*)'],
  [
    'POST',
    '/schemas',
    { entity_name: 'mine', fields: [{ name: 'a', type: 'relation', entity: '{entity}' }] },
  ],
  ['GET', '/audit?actor_id=eq.{user}'],
  ['GET', '/audit?target=eq.{record}'],
]

function told({ statusCode, headers, body }: Answer, names: Record<string, string>) {
  const { date: _, 'content-length': __, 'x-request-id': ___, ...rest } = headers
  const text = JSON.stringify([statusCode, rest, body.replace(/"request_id":"[^"]*"/, '')])
  return Object.entries(names).reduce((all, [kind, name]) => all.replaceAll(name, `{${kind}}`), text)
}

t.test('what is another tenant’s is answered as what is not there', async (t) => {
  const { home, other, theirs } = await start(t)
  for (const [method, url, body, headers] of REQUESTS) {
    const ask = async (names: Record<string, string>) => {
      const fill = (text: string) => text.replace(/\{(\w+)\}/g, (whole, kind) => names[kind] ?? whole)
      const payload = body === undefined ? undefined : JSON.parse(fill(JSON.stringify(body)))
      const answer = await home(method, fill(url), payload, headers)
      // The ids of one are as well those of another kind, so the kinds are not told apart.
      const ids = { id: ID, x: theirs.record, y: theirs.file, z: theirs.user, k: theirs.key }
      const words = { entity: names.entity, role: names.role } as Record<string, string>
      return told(answer, { ...ids, ...words }).replace(/\{[idxyzk]+\}/g, '{id}')
    }
    t.equal(await ask(theirs), await ask(NOTHING), `${method} ${url} ${JSON.stringify(body ?? '')}`)
  }
  t.match((await other('GET', `/course/${theirs.record}`)).json(), { title: 'theirs', paper: theirs.file })
  t.equal((await other('GET', `/files/${theirs.file}/content`)).body, 'theirs')
})

t.test('what another tenant has taken is free', async (t) => {
  const { home, theirs } = await start(t)
  t.equal((await home('POST', '/course', { title: 'theirs' })).statusCode, 201, 'a unique value')
  t.equal((await home('POST', '/schemas', { ...COURSE, entity_name: theirs.entity })).statusCode, 201)
  const user = { username: theirs.username, password: PASSWORD, role: 'user' }
  t.equal((await home('POST', '/auth/users', user)).statusCode, 201)
  t.equal((await home('PUT', `/auth/roles/${theirs.role}`, {})).statusCode, 201)
  const merged = await home(
    'POST',
    '/course?on_conflict=id',
    { id: theirs.record, title: 'mine' },
    { prefer: 'resolution=merge-duplicates,return=representation' },
  )
  t.match(
    [merged.statusCode, merged.json()],
    [201, [{ id: theirs.record, title: 'mine' }]],
    'even a record’s id',
  )
})

t.test('what another tenant has is counted nowhere', async (t) => {
  const { home, other } = await start(t)
  const state = async () => {
    const answers = [
      await home('GET', '/course', undefined, { prefer: 'count=exact' }),
      await home('GET', '/course?select=count()'),
      await home('GET', '/schemas'),
      await home('GET', '/schemas/course'),
      await home('GET', '/files'),
      await home('GET', '/auth/users'),
      await home('GET', '/auth/keys'),
      await home('GET', '/auth/roles'),
      await home('GET', '/audit'),
      await home('GET', '/docs/json'),
    ]
    return answers.map((answer) => told(answer, {}))
  }
  const before = await state()
  await other(
    'POST',
    '/course',
    Array.from({ length: 50 }, (_, at) => ({ title: `t${at}` })),
  )
  await other('POST', '/schemas', { ...COURSE, entity_name: 'more' })
  await other('POST', '/auth/users', { username: 'new', password: PASSWORD, role: 'user' })
  await other('POST', '/files/upload', multipart({ filename: 'b.txt', content: 'b' }), MULTIPART)
  t.strictSame(await state(), before)
})

t.test('a tag says nothing of how many entities others have', async (t) => {
  const { home, other } = await start(t)
  const tagOf = async (entity_name: string) =>
    String((await home('POST', '/schemas', { ...COURSE, entity_name })).headers.etag)
  const first = await tagOf('one')
  for (const name of ['a', 'b', 'c']) await other('POST', '/schemas', { ...COURSE, entity_name: name })
  const second = await tagOf('two')
  for (const tag of [first, second]) t.match(tag, /^"1-[\w-]{6,}"$/)
  t.notMatch(first, /^"1-\d+"$/)
})
