// Quotas over HTTP: what each limits, how its refusal reads, and that it is never exceeded, whoever writes at once.

import type { FastifyInstance } from 'fastify'
import pg from 'pg'
import t, { type Test } from 'tap'
import { as, asAdmin, signIn, startApp, startWithAdmin } from '../support/app.ts'
import { filesIn, startFiles, upload } from '../support/files/app.ts'

const PASSWORD = 'a password'

const NOTE = {
  entity_name: 'note',
  fields: [
    { name: 'title', type: 'string', unique: true },
    { name: 'next', type: 'relation', entity: 'note', on_delete: 'cascade' },
  ],
}

type Limits = Record<string, number | null>

t.test('a new tenant has the default quotas, but for those that its operator sets', async (t) => {
  const { app } = await startWithAdmin(t, { DEFAULT_QUOTAS: { records: 2, fields: 9, entities: 3 } })
  const operator = await asAdmin(app)
  const admin = { username: 'boss', password: PASSWORD }
  const body = { name: 'acme', admin, quotas: { fields: null, entities: 4 } }
  const made = await operator('POST', '/tenants', body)
  t.match(made.json().quotas, { records: 2, fields: null, entities: 4, file_bytes: null })
  const plain = await operator('POST', '/tenants', { name: 'plain', admin })
  t.match(plain.json().quotas, { records: 2, fields: 9, entities: 3 })
  const [event] = (await operator('GET', '/audit?action=eq.tenant.create&target=eq.acme')).json()
  t.strictSame(event.details.quotas, { records: 2, fields: null, entities: 4 })
  const boss = as(app, (await signIn(app, 'acme/boss', PASSWORD)).access_token)
  await boss('POST', '/schemas', { entity_name: 'note', fields: [{ name: 'title', type: 'string' }] })
  t.equal((await boss('POST', '/note/', [{ title: 'a' }, { title: 'b' }])).statusCode, 201)
  t.match((await boss('POST', '/note/', { title: 'c' })).json(), { status: 409, code: 'quota_exceeded' })
  t.equal((await operator('GET', '/auth/tenant')).json().quotas.records, null, 'not the operators’ own')
})

async function startTenant(t: Test, quotas: Limits) {
  const { app, database, storage } = await startFiles(t)
  const there = await startApp(t, database, { FILE_STORAGE_PATH: storage })
  const operator = await asAdmin(app)
  const admin = { username: 'boss', password: PASSWORD }
  const made = await operator('POST', '/tenants', { name: 'acme', admin, quotas })
  if (made.statusCode !== 201) throw new Error(made.body)
  const { access_token: token } = await signIn(app, 'acme/boss', PASSWORD)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const usage = async () => (await operator('GET', '/tenants/acme')).json().usage
  const limit = (wanted: Limits) => operator('PATCH', '/tenants/acme', { quotas: wanted })
  return { storage, app, there, operator, token, client, usage, limit, id: made.json().id as string }
}

const enter = (app: FastifyInstance, token: string) => as(app, token)

t.test('quotas are set by operators, shown to them and to the admins of the tenant', async (t) => {
  const { app, there, operator, token, limit } = await startTenant(t, { records: 5 })
  const none = { entities: null, fields: null, file_bytes: null, requests_per_minute: null }
  const boss = enter(there, token)
  t.strictSame((await operator('GET', '/tenants/acme')).json().quotas, { ...none, records: 5 })
  t.strictSame((await operator('GET', '/tenants')).json()[0].quotas, { ...none, records: 5 })
  const changed = await limit({ records: null, fields: 7, requests_per_minute: 100 })
  t.strictSame(changed.json().quotas, { ...none, records: null, fields: 7, requests_per_minute: 100 })
  t.match((await boss('GET', '/auth/tenant')).json(), {
    name: 'acme',
    quotas: { fields: 7 },
    usage: { entities: 0, fields: 0, records: null, file_bytes: null, requests_per_minute: Number },
  })
  t.strictSame(Object.keys((await boss('GET', '/auth/me')).json().tenant), ['id', 'name'])
  t.equal((await boss('GET', '/tenants/acme')).statusCode, 403)
  t.equal((await boss('PATCH', '/tenants/acme', { quotas: { records: 9 } })).statusCode, 403)
  for (const quotas of [{ records: -1 }, { records: 1.5 }, { records: '5' }, { nothing: 1 }, 5, null])
    t.equal((await operator('PATCH', '/tenants/acme', { quotas })).statusCode, 400, JSON.stringify(quotas))
  const { audit } = { audit: (await operator('GET', '/audit?action=eq.tenant.change')).json() }
  t.match(audit[0], { target: 'acme', details: { quotas: { fields: 7 } } })
  t.equal((await enter(app, token)('GET', '/auth/tenant')).statusCode, 200)
})

t.test('entities and fields: what is too many is a 409 that says which quota', async (t) => {
  const { there, token, limit } = await startTenant(t, { entities: 2, fields: 4 })
  const boss = enter(there, token)
  t.equal((await boss('POST', '/schemas/', NOTE)).statusCode, 201)
  const field = (name: string) => ({ name, type: 'string' })
  const large = await boss('POST', '/schemas/', { entity_name: 'b', fields: ['x', 'y', 'z'].map(field) })
  t.match(
    [large.statusCode, large.json()],
    [
      409,
      {
        code: 'quota_exceeded',
        detail: /4 fields.*has 2.*needs 3/,
        quota: { quota: 'fields', limit: 4, used: 2 },
      },
    ],
  )
  t.equal((await boss('POST', '/schemas/', { entity_name: 'b', fields: [field('x')] })).statusCode, 201)
  const third = await boss('POST', '/schemas/', { entity_name: 'c', fields: [] })
  t.match([third.statusCode, third.json().quota], [409, { quota: 'entities', limit: 2, used: 2 }])
  const grown = await boss('PUT', '/schemas/b', { fields: ['x', 'y', 'z'].map(field) })
  t.match([grown.statusCode, grown.json().quota], [409, { quota: 'fields', limit: 4, used: 3 }])
  t.equal((await boss('PUT', '/schemas/b', { fields: ['x', 'y'].map(field) })).statusCode, 200)
  await limit({ fields: 1, entities: 1 })
  t.equal(
    (await boss('PUT', '/schemas/b', { fields: ['x'].map(field) })).statusCode,
    200,
    'less is no growth',
  )
  t.equal((await boss('DELETE', '/schemas/b')).statusCode, 204)
  t.match((await boss('POST', '/schemas/b/undelete')).json(), { status: 409, code: 'quota_exceeded' })
})

t.test(
  'records: every way in takes, every way out gives back, what fails or is undone does neither',
  async (t) => {
    const { there, token, usage } = await startTenant(t, { records: 10 })
    const boss = enter(there, token)
    await boss('POST', '/schemas/', NOTE)
    const used = async () => (await usage()).records
    const titles = (...names: string[]) => names.map((title) => ({ title }))
    const merge = { prefer: 'resolution=merge-duplicates,return=representation' }
    const a = (await boss('POST', '/note/', { title: 'a' })).json()
    t.equal(await used(), 1)
    t.equal((await boss('POST', '/note/', titles('b', 'c'))).statusCode, 201)
    t.equal((await boss('POST', '/note/', titles('d', 'a'))).statusCode, 409, 'a unique conflict')
    t.equal((await boss('POST', '/note/', { title: 'd' }, { prefer: 'tx=rollback' })).statusCode, 201)
    t.equal(await used(), 3)
    t.equal((await boss('POST', '/note/?on_conflict=title', titles('a', 'd'), merge)).statusCode, 201)
    t.equal(await used(), 4)
    t.equal((await boss('POST', '/note/', titles('a', 'e'), { prefer: 'bulk=partial' })).statusCode, 207)
    t.equal(await used(), 5)
    const linked = (
      await boss('POST', '/note/', [
        { title: 'f', next: a.id },
        { title: 'g', next: a.id },
      ])
    ).json()
    t.equal((await boss('POST', '/note/', { title: 'h', next: linked[0].id })).statusCode, 201)
    t.equal(await used(), 8)
    const many = await boss('POST', '/note/', titles('i', 'j', 'k'))
    t.match(
      [many.statusCode, many.json()],
      [
        409,
        {
          code: 'quota_exceeded',
          detail: /10 records.*has 8.*needs 3/,
          quota: { quota: 'records', limit: 10, used: 8 },
        },
      ],
    )
    for (const prefer of ['bulk=partial', 'return=representation', 'tx=rollback'])
      t.equal((await boss('POST', '/note/', titles('i', 'j', 'k'), { prefer })).statusCode, 409, prefer)
    t.equal((await boss('POST', '/note/?on_conflict=title', titles('i', 'j', 'k'), merge)).statusCode, 409)
    t.equal((await boss('DELETE', `/note/${a.id}`)).statusCode, 204, 'and with it three by cascade')
    t.equal(await used(), 4)
    t.equal((await boss('POST', '/note/', { title: 'a' })).statusCode, 201)
    t.equal((await boss('DELETE', '/note/?title=in.(a,b)')).statusCode, 204)
    t.equal(await used(), 3)
    const undone = await boss('DELETE', '/note/?title=eq.c', undefined, { prefer: 'tx=rollback' })
    t.equal(undone.statusCode, 204)
    t.equal(await used(), 3)
    t.equal((await boss('DELETE', '/schemas/note')).statusCode, 204)
    t.equal(await used(), 3, 'a deleted entity can come back')
    t.equal((await usage()).entities, 0)
    t.equal((await boss('DELETE', '/schemas/note?purge=true')).statusCode, 204)
    t.equal(await used(), 0)
  },
)

t.test('imports, and what is made again after a delete, count as well', async (t) => {
  const { there, token, usage } = await startTenant(t, { records: 100 })
  const boss = enter(there, token)
  await boss('POST', '/schemas/', NOTE)
  const used = async () => (await usage()).records
  const csv = (from: number, to: number) =>
    `title\n${Array.from({ length: to - from }, (_, n) => `t${from + n}`).join('\n')}\n`
  const send = (text: string, prefer: string, type = 'text/csv') =>
    boss('POST', '/note/', text, { 'content-type': type, prefer })
  t.equal((await send(csv(0, 60), 'return=minimal')).statusCode, 201)
  t.equal(await used(), 60)
  t.equal((await send(csv(50, 70), 'return=minimal')).statusCode, 409, 'a unique conflict')
  t.equal((await send(csv(60, 70), 'tx=rollback')).statusCode, 201)
  t.equal(await used(), 60)
  for (const prefer of ['return=minimal', 'bulk=partial', 'tx=rollback']) {
    const refused = await send(csv(60, 101), prefer)
    t.match([refused.statusCode, refused.json().quota], [409, { limit: 100, used: 60 }], prefer)
  }
  t.equal(await used(), 60)
  const lines = Array.from({ length: 40 }, (_, n) => `{"title":"n${n}"}`).join('\n')
  t.equal((await send(lines, 'return=minimal', 'application/x-ndjson')).statusCode, 201)
  t.equal(await used(), 100)
  const [{ id }] = (await boss('GET', '/note/?limit=1')).json()
  const put = { id, title: 'again' }
  const merge = { prefer: 'resolution=merge-duplicates' }
  t.equal((await boss('POST', '/note/', { ...put, title: 'as it is' }, merge)).statusCode, 200)
  t.equal((await boss('DELETE', `/note/${id}`)).statusCode, 204)
  t.equal(await used(), 99)
  t.equal((await boss('POST', '/note/', put, merge)).statusCode, 201)
  t.equal(await used(), 100)
  t.equal((await boss('POST', '/note/', {})).statusCode, 409)
})

t.test('a quota set below what there is refuses only more', async (t) => {
  const { there, token, usage, limit } = await startTenant(t, {})
  const boss = enter(there, token)
  await boss('POST', '/schemas/', NOTE)
  const rows = Array.from({ length: 40 }, (_, n) => ({ title: `n${n}` }))
  t.equal((await boss('POST', '/note/', rows)).statusCode, 201)
  t.equal((await limit({ records: 30 })).statusCode, 200)
  t.equal((await usage()).records, 40)
  for (let n = 0; n < 10; n++) {
    t.equal((await boss('POST', '/note/', { title: 'x' })).statusCode, 409)
    t.equal((await boss('DELETE', `/note/?title=eq.n${n}`)).statusCode, 204)
  }
  t.equal((await boss('POST', '/note/', { title: 'x' })).statusCode, 409)
  await boss('DELETE', '/note/?title=eq.n20')
  t.equal((await boss('POST', '/note/', { title: 'x' })).statusCode, 201)
  t.equal((await limit({ records: null })).statusCode, 200)
  t.equal((await boss('POST', '/note/', { title: 'y' })).statusCode, 201)
})

t.test('many writers on two instances reach the limit and never exceed it', async (t) => {
  const { app, there, token, client, id, usage, limit } = await startTenant(t, { records: 100 })
  const [here, over] = [enter(app, token), enter(there, token)]
  await here('POST', '/schemas/', NOTE)
  const count = async () =>
    (await client.query('select count(*)::int as n from record where tenant_id = $1', [id])).rows[0].n
  const post = (n: number) => (n % 2 ? here : over)('POST', '/note/', n % 5 ? {} : [{}, {}, {}])
  const answers = await Promise.all(Array.from({ length: 150 }, (_, n) => post(n)))
  const refused = answers.filter(({ statusCode }) => statusCode === 409)
  t.ok(answers.every(({ statusCode }) => statusCode === 201 || statusCode === 409))
  t.ok(refused.length > 0)
  for (let full = false; !full; ) full = (await here('POST', '/note/', {})).statusCode === 409
  t.equal(await count(), 100)
  t.equal((await usage()).records, 100)
  const ids = (await here('GET', '/note/?select=id&limit=60')).json().map((one: { id: string }) => one.id)
  await Promise.all(
    ids.flatMap((one: string, n: number) => [
      (n % 2 ? here : over)('DELETE', `/note/${one}`),
      (n % 2 ? over : here)('POST', '/note/', {}),
    ]),
  )
  t.ok((await count()) <= 100)
  t.equal((await usage()).records, await count(), 'what is counted is what there is')
  const setting = [limit({ records: 120 }), limit({ records: null }), limit({ records: 110 })]
  await Promise.all([...setting, ...Array.from({ length: 80 }, (_, n) => post(n + 1))])
  await limit({ records: 110 })
  t.equal((await usage()).records, await count(), 'also when the quota is set while they write')
})

t.test('bytes of files: an upload beyond the limit is a 409 and leaves nothing', async (t) => {
  const { app, token, usage, limit, storage } = await startTenant(t, { file_bytes: 100 })
  const boss = enter(app, token)
  const first = await upload(app, token, { content: 'a'.repeat(60) })
  const send = (size: number) =>
    app.inject({
      method: 'POST',
      url: '/files/upload',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=x' },
      payload: `--x\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${'b'.repeat(size)}\r\n--x--\r\n`,
    })
  const refused = await send(41)
  t.match([refused.statusCode, refused.json().quota], [409, { quota: 'file_bytes', limit: 100, used: 60 }])
  t.match(refused.json().detail, /100 bytes of files/)
  t.equal((await send(40)).statusCode, 201)
  t.equal((await usage()).file_bytes, 100)
  t.equal((await boss('DELETE', `/files/${first.id}`)).statusCode, 204)
  t.equal((await usage()).file_bytes, 40)
  t.equal((await send(1000)).statusCode, 409)
  t.equal((await send(0)).statusCode, 201, 'no bytes take no room')
  const all = await Promise.all(Array.from({ length: 10 }, () => send(10)))
  t.equal(all.filter(({ statusCode }) => statusCode === 201).length, 6)
  t.equal((await boss('GET', '/files/')).json().length, 8)
  t.equal((await filesIn(storage)).length, 8, 'nothing of what was refused is left')
  await limit({ file_bytes: 100, records: 0 })
  t.equal((await usage()).file_bytes, 100)
  t.equal((await usage()).records, 0, 'a file is no record')
})

t.test('requests: so many a minute over all instances, then 429 with Retry-After', async (t) => {
  const { app, there, token, operator, limit } = await startTenant(t, { requests_per_minute: 20 })
  const [here, over] = [enter(app, token), enter(there, token)]
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, n) => (n % 2 ? here : over)('GET', '/auth/me')),
  )
  t.equal(answers.filter(({ statusCode }) => statusCode === 200).length, 20)
  const refused = answers.find(({ statusCode }) => statusCode === 429)
  t.match(refused?.json(), {
    code: 'request_quota_exceeded',
    quota: { quota: 'requests_per_minute', limit: 20, used: 20 },
  })
  const seconds = Number(refused?.headers['retry-after'])
  t.ok(seconds > 0 && seconds <= 60)
  for (const url of ['/note', '/nothing', '/docs/json', '/note/x'])
    t.equal((await over('GET', url)).statusCode, 429, url)
  t.equal((await operator('GET', '/tenants')).statusCode, 200, 'another tenant sees nothing of it')
  t.equal((await signIn(app, 'acme/boss', PASSWORD)).token_type, 'bearer', 'signing in counts by itself')
  await limit({ requests_per_minute: 1000 })
  t.equal((await over('GET', '/auth/me')).statusCode, 200, 'more is in force at once')
  await limit({ requests_per_minute: null })
  await limit({ requests_per_minute: 0 })
  t.equal((await here('GET', '/auth/me')).statusCode, 429)
  await limit({ requests_per_minute: null })
  t.equal((await here('GET', '/auth/me')).statusCode, 200)
})

t.test('operators see what a tenant has, also without a quota', async (t) => {
  const { app, operator, token, usage } = await startTenant(t, {})
  const boss = enter(app, token)
  t.match(await usage(), { entities: 0, fields: 0, records: 0, files: 0, file_bytes: 0 })
  await boss('POST', '/schemas', NOTE)
  await boss('POST', '/note/', [{ title: 'a' }, { title: 'b' }, { title: 'c' }])
  await upload(app, token, { content: Buffer.from('12345') })
  t.strictSame(await usage(), {
    entities: 1,
    fields: 2,
    records: 3,
    files: 1,
    file_bytes: 5,
    requests_per_minute: null,
  })
  t.match((await operator('GET', '/tenants/default')).json().usage, { records: 0, files: 0 })
})
