// Callers without a token: what a tenant has opened to `anonymous` is theirs, and of everything else they learn nothing.

import type { InjectOptions } from 'fastify'
import t from 'tap'
import { ALL, PASSWORD, PERSON, start } from '../support/access/page.ts'
import { recordStatements } from '../support/access/statements.ts'
import { visitor } from '../support/access/workload.ts'
import { as, signIn } from '../support/app.ts'
import { MULTIPART, multipart } from '../support/files/app.ts'

t.test(
  'an entity is closed to callers without a token until it is opened, and closed again at once',
  async (t) => {
    const { open, admin, visit } = await start(t)
    await admin('POST', '/page', { title: 'a' })
    t.equal((await visit('GET', '/page')).statusCode, 401)
    t.equal((await open({ read: true })).statusCode, 200)
    t.match((await visit('GET', '/page')).json(), [{ title: 'a' }])
    await admin('DELETE', '/schemas/page/permissions/anonymous')
    t.equal((await visit('GET', '/page')).statusCode, 401)
  },
)

t.test('every verb is open to whom it is granted', async (t) => {
  const { open, visit, admin } = await start(t)
  await open(ALL)
  await open({ read: true }, 'person')
  const person = (await admin('POST', '/person', { name: 'Ann' })).json()
  const made = await visit('POST', '/page', { title: 'a', slug: 'a', author: person.id })
  t.equal(made.statusCode, 201, made.body)
  t.match(made.json(), { title: 'a', created_by: null, updated_by: null })
  const one = made.headers.location as string
  t.equal((await visit('GET', one)).statusCode, 200)
  t.equal((await visit('HEAD', one)).statusCode, 200)
  t.match((await visit('GET', `${one}?select=title,author(name)`)).json(), { author: { name: 'Ann' } })
  t.match((await visit('GET', '/person?select=name,page(title)')).json(), [{ page: [{ title: 'a' }] }])
  const patched = await visit('PATCH', one, { title: 'b' })
  t.match(patched.json(), { title: 'b', updated_by: null }, patched.body)
  t.equal((await visit('PUT', one, { title: 'c', slug: 'a' })).statusCode, 200)
  t.equal((await visit('PATCH', '/page?slug=eq.a', { draft: true })).statusCode, 204)
  t.equal((await visit('POST', '/page', [{ slug: 'b' }, { slug: 'c' }])).statusCode, 201)
  const partial = await visit('POST', '/page', [{ slug: 'b' }, { slug: 'd' }], { prefer: 'bulk=partial' })
  t.strictSame(
    partial.json().map(({ status }: { status: number }) => status),
    [409, 201],
  )
  const merge = { prefer: 'resolution=merge-duplicates,return=representation' }
  t.match((await visit('POST', '/page?on_conflict=slug', [{ slug: 'b', title: 'B' }], merge)).json(), [
    { title: 'B', updated_by: null },
  ])
  t.strictSame((await visit('GET', '/page?select=count()')).json(), [{ count: 4 }])
  const counted = await visit('GET', '/page?limit=1', undefined, { prefer: 'count=exact' })
  t.equal(counted.headers['content-range'], '0-0/4')
  const csv = await visit('GET', '/page?select=slug&order=slug', undefined, { accept: 'text/csv' })
  t.equal(csv.body, 'slug\na\nb\nc\nd')
  t.equal((await visit('DELETE', one)).statusCode, 204)
  t.equal((await visit('DELETE', '/page?slug=not.is.null')).statusCode, 204)
  t.strictSame((await visit('GET', '/page')).json(), [])
})

t.test('rows and fields are limited as for any role', async (t) => {
  const { open, visit, admin } = await start(t)
  await open({ read: 'draft=is.false', create: 'draft=is.true', fields: { read: ['title', 'draft'] } })
  await admin('POST', '/page', [{ title: 'out' }, { title: 'in the drawer', draft: true, secret: 's' }])
  const list = await visit('GET', '/page')
  t.strictSame(Object.keys(list.json()[0]).slice(0, 3), ['id', 'title', 'draft'])
  t.equal(list.json().length, 1)
  t.equal((await visit('GET', '/page?secret=eq.s')).json().code, 'unknown_field')
  t.equal((await visit('POST', '/page', { title: 'mine', draft: true })).statusCode, 201)
  const refused = await visit('POST', '/page', { title: 'mine', draft: false })
  t.strictSame([refused.statusCode, refused.headers['www-authenticate']], [401, 'Bearer'])
  t.equal((await visit('PATCH', '/page?title=eq.out', { title: 'x' })).statusCode, 401, 'never 403')
})

t.test('nobody owns nothing: own rows and $user.id are never his', async (t) => {
  const { open, visit, admin } = await start(t)
  await open({ ...ALL, update: 'created_by=eq.$user.id', delete: 'created_by=isdistinct.$user.id' })
  const made = await visit('POST', '/page', { title: 'a', slug: '00000000-0000-0000-0000-000000000000' })
  t.equal(made.statusCode, 201)
  t.equal((await visit('PATCH', made.headers.location as string, { title: 'b' })).statusCode, 401)
  t.equal((await visit('DELETE', made.headers.location as string)).statusCode, 401)
  await admin('POST', '/page', { title: 'anonymous', slug: 'anonymous' })
  for (const [rule, titles] of [
    ['created_by=eq.$user.id', []],
    ['created_by=neq.$user.id', []],
    ['created_by=not.isdistinct.$user.id', []],
    ['slug=eq.$user.id', []],
    ['slug=eq.$user.username', []],
    ['not.or=(slug.eq.$user.username,title.eq.x)', []],
    ['slug=not.in.(x,$user.username)', []],
    ['slug=in.(anonymous,$user.id)', ['anonymous']],
    ['slug=eq(any).{anonymous,$user.id}', ['anonymous']],
    ['slug=gt(all).{0,$user.id}', []],
    ['or=(slug.eq.$user.id,title.eq.a)', ['a']],
    ['slug=eq.$user.role', ['anonymous']],
  ] as const) {
    t.equal((await open({ read: rule })).statusCode, 200, rule)
    const read = (await visit('GET', '/page?select=title')).json()
    t.strictSame(
      read.map(({ title }: { title: string }) => title),
      titles,
      rule,
    )
  }
})

t.test('the tenant is the one that X-Tenant names, default without it, the token’s with one', async (t) => {
  const { app, admin, open, visit, operator } = await start(t)
  await operator('POST', '/schemas', PERSON)
  await operator('PUT', '/schemas/person/permissions/anonymous', { read: true })
  await operator('POST', '/person', { name: 'of default' })
  await open({ read: true }, 'person')
  await admin('POST', '/person', { name: 'of acme' })
  t.match((await visit('GET', '/person')).json(), [{ name: 'of acme' }])
  t.match((await visitor(app)('GET', '/person')).json(), [{ name: 'of default' }])
  t.match((await admin('GET', '/person', undefined, { 'x-tenant': 'default' })).json(), [{ name: 'of acme' }])
  for (const authorization of ['Bearer nobody', 'Basic eDp5', '']) {
    const refused = await visit('GET', '/person', undefined, { authorization })
    t.equal(refused.statusCode, 401, `a bad token (${authorization}) is no missing one`)
  }
  const one = (await visit('GET', '/person')).headers
  t.strictSame([one.vary, one['cache-control']], ['Authorization, X-Tenant', 'private, no-cache'])
  t.equal((await admin('GET', '/person')).headers.vary, 'Authorization')
})

t.test('what is closed, suspended or not there is told apart by nothing', async (t) => {
  const { app, admin, operator, open } = await start(t)
  await open({ read: true }, 'person')
  for (const name of ['closed', 'asleep'])
    await operator('POST', '/tenants', { name, admin: { username: 'boss', password: PASSWORD } })
  const asleep = as(app, (await signIn(app, 'asleep/boss', PASSWORD)).access_token)
  await asleep('POST', '/schemas', PERSON)
  await asleep('PUT', '/schemas/person/permissions/anonymous', ALL)
  await operator('PATCH', '/tenants/asleep', { active: false })
  const { id } = (await admin('POST', '/page', { title: 'a' })).json()
  const places: [tenant: string, entity: string][] = [
    ['nosuch', 'person'],
    ['asleep', 'person'],
    ['closed', 'person'],
    ['acme', 'page'],
    ['acme', 'nosuch'],
    ['ACME', 'person'],
    ['acme, acme', 'person'],
    ['', 'person'],
    ['../acme', 'person'],
  ]
  const sent = recordStatements(t)
  const large = Buffer.alloc(2_000_000, 'x')
  const requests: [method: string, path: string, payload?: InjectOptions['payload'], headers?: object][] = [
    ['GET', ''],
    ['HEAD', ''],
    ['GET', '?nonsense'],
    ['GET', '', undefined, { accept: 'image/png', prefer: 'nonsense', 'if-none-match': 'x' }],
    ['POST', '', {}],
    ['POST', '', '{', { 'content-type': 'application/json' }],
    ['POST', '', large, { 'content-type': 'application/json' }],
    ['POST', '', large, { 'content-type': 'image/png' }],
    ['POST', '?columns=x', 'a,b', { 'content-type': 'text/csv' }],
    ['PATCH', '', {}],
    ['DELETE', ''],
    ['GET', `/${id}`],
    ['PUT', `/${id}`, {}],
    ['PATCH', '/x', {}, { 'if-match': '"1"' }],
    ['DELETE', `/${id}`],
    ['PUT', '', {}],
    ['GET', '/a/b'],
  ]
  for (const [method, path, payload, headers] of requests) {
    const answers = new Set<string>()
    const lookUps = new Set<string>()
    for (const [tenant, entity] of places) {
      sent.length = 0
      const answer = await visitor(app, tenant)(method as 'GET', `/${entity}${path}`, payload, headers)
      lookUps.add(sent.map(({ text }) => text).join(';\n'))
      const { date: _, ...rest } = answer.headers
      const body = answer.body.replace(/"request_id":"[^"]*"/, '').replaceAll(`/${entity}`, '/{entity}')
      answers.add(JSON.stringify([answer.statusCode, rest, body]).replaceAll(/"content-length":"\d+"/g, ''))
    }
    t.equal(lookUps.size, 1, [...lookUps].join('\n'))
    t.equal(answers.size, 1, `${method} ${path}: ${[...answers].join('\n')}`)
    const status = method === 'PUT' && path === '' ? 405 : path === '/a/b' ? 404 : 401
    t.match([...answers][0], new RegExp(`^\\[${status},`))
  }
})

t.test('a file is open to whom a readable record shows it', async (t) => {
  const { app, admin, open, visit } = await start(t)
  const [shown, hidden, lone] = await Promise.all(
    ['shown', 'hidden', 'lone'].map(async (content) => {
      const upload = multipart({ filename: 'a.txt', content })
      return (await admin('POST', '/files/upload', upload, MULTIPART)).json()
    }),
  )
  await admin('POST', '/page', [
    { title: 'a', picture: shown.id },
    { title: 'b', picture: hidden.id, draft: true },
  ])
  t.equal((await visit('GET', shown.url)).statusCode, 401, 'nothing is open')
  await open({ read: true, fields: { read: ['title'] } })
  t.equal((await visit('GET', shown.url)).statusCode, 401, 'its field is not')
  await open({ read: 'draft=is.false' })
  const got = await visit('GET', shown.url, undefined, { range: 'bytes=0-3' })
  t.strictSame([got.statusCode, got.body], [206, 'show'])
  t.equal((await visit('HEAD', shown.url)).statusCode, 200)
  const copy = await visit('GET', shown.url, undefined, { 'if-none-match': String(got.headers.etag) })
  t.equal(copy.statusCode, 304)
  const told = async (url: string, tenant = 'acme') => {
    const { statusCode, body } = await visitor(app, tenant)('GET', url)
    return [statusCode, body.replace(/"request_id":"[^"]*"/, '')]
  }
  const none = '/files/01980000-0000-7000-8000-000000000000/content'
  const unknown = await told(none, 'nosuch')
  t.equal(unknown[0], 401)
  for (const url of [hidden.url, lone.url, none, '/files/x/content'])
    t.strictSame(await told(url), unknown, url)
  t.strictSame(await told(shown.url, 'default'), unknown)
  for (const url of ['/files', `/files/${shown.id}`]) t.equal((await visit('GET', url)).statusCode, 401)
  t.equal((await visit('DELETE', `/files/${shown.id}`)).statusCode, 401)
})
