// Requests that between them run every statement the server has: records in all ways, files, schemas, users, keys, tenants.
import type { FastifyInstance } from 'fastify'
import { as, asAdmin, signIn } from '../app.ts'
import { upload } from '../files/app.ts'

const PASSWORD = 'a password'

export const COURSE = {
  entity_name: 'course',
  fields: [
    { name: 'title', type: 'string', unique: true, indexed: true },
    { name: 'next', type: 'relation', entity: 'course', on_delete: 'set_null' },
  ],
}

export const STUDENT = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'age', type: 'integer' },
    { name: 'course', type: 'relation', entity: 'course', on_delete: 'cascade' },
    { name: 'friends', type: 'relation', entity: 'student', many: true, on_delete: 'set_null' },
    { name: 'photo', type: 'file' },
  ],
}

/** A tenant's own words, by which its data is recognised wherever it turns up. */
export const wordOf = (tenant: string): string => `word-of-${tenant}`

type Send = ReturnType<typeof as>

async function made(send: Send, url: string, body: object, status = 201) {
  const answer = await send('POST', url, body)
  if (answer.statusCode !== status) throw new Error(`${url}: ${answer.body}`)
  return answer.json()
}

/** Makes a tenant with something of everything; how its admin sends requests, and what there is. */
export async function furnish(app: FastifyInstance, name: string) {
  const word = wordOf(name)
  await made(await asAdmin(app), '/tenants', { name, admin: { username: word, password: PASSWORD } })
  const { access_token: token } = await signIn(app, `${name}/${word}`, PASSWORD)
  const send = as(app, token)
  for (const entity of [COURSE, STUDENT]) await made(send, '/schemas/', { ...entity, label: word })
  const photo = await upload(app, token, { content: word, filename: `${word}.txt` })
  const first = await made(send, '/course/', { title: word })
  const second = await made(send, '/course/', { title: `${word} 2`, next: first.id })
  const students = await made(send, '/student/', [
    { name: word, age: 20, course: first.id, photo: photo.id },
    { name: `${word} 2`, age: 21, course: second.id },
  ])
  const user = await made(send, '/auth/users', { username: `${word} user`, password: PASSWORD, role: 'user' })
  const key = await made(send, '/auth/keys', { name: word, role: 'user' })
  return { name, word, token, send, photo, first, second, students, user, key }
}

export type Furnished = Awaited<ReturnType<typeof furnish>>

const READS = [
  ...[
    '/auth/me',
    '/auth/users',
    '/auth/keys',
    '/files',
    '/schemas',
    '/schemas/student',
    '/schemas/student/indexes',
  ],
  ...[
    '/docs/json',
    '/student',
    '/student?limit=1',
    '/student?order=age.desc,name&limit=1',
    '/student?cursor=x',
  ],
  ...['/student?age=gte.20&name=like.w*', '/student?or=(age.eq.20,not.and(name.ilike.*x*,age.is.null))'],
  ...[
    '/student?select=name,course(title,next(title))',
    '/student?select=name,course!inner(title)&course.title=neq.x',
  ],
  ...[
    '/course?select=title,student(name,friends(name))&student.order=name&student.limit=1',
    '/course?title=in.(a,b)',
  ],
  ...[
    '/student?select=count(),age.avg()',
    '/student?select=course,age.sum()',
    '/student?age=eq(any).{20,21}',
  ],
  ...[
    '/student?friends=cs.{}',
    '/course?order=title&title=gt.a',
    '/student?limit=1&offset=1',
    '/student?photo=not.is.null',
  ],
]

const MERGE = { prefer: 'resolution=merge-duplicates,return=representation' }

const IGNORE = { prefer: 'resolution=ignore-duplicates,return=representation' }

const COUNT = { prefer: 'count=exact' }

const PARTIAL = { prefer: 'bulk=partial' }

const WHOLE = { prefer: 'return=representation' }

const QUOTAS = { entities: 100, fields: 1000, records: 1000, file_bytes: 1e6, requests_per_minute: 10_000 }

/** What is counted takes statements of its own. */
async function workWithQuotas(app: FastifyInstance, { send, name, token, first, word }: Furnished) {
  await (await asAdmin(app))('PATCH', `/tenants/${name}`, { quotas: QUOTAS })
  await send('GET', '/auth/tenant')
  const photo = await upload(app, token, { content: word, filename: `${word}.txt` })
  await send('POST', '/student', { name: word, course: first.id, photo: photo.id })
  await send('POST', '/course', [{ title: `${word} 5` }, { title: `${word} 6` }])
  await send('DELETE', `/course?title=eq.${word} 5`)
  await send('DELETE', `/course/${first.id}`)
  await send('DELETE', `/files/${photo.id}`)
}

/** Rights that depend on the row, and on fields, bring conditions and statements of their own. */
const RECENT = 'created_at=gt.2000-01-01T00:00:00Z'

const LIMITED = { read: RECENT, create: 'created_by=eq.$user.id', update: RECENT, delete: RECENT }

async function workAs(send: Send, { first, second, photo, students: [one] }: Furnished, name: string) {
  for (const url of READS) await send('GET', url)
  for (const url of [photo.url, `/course/${first.id}`, `/student/${one.id}?select=*,course(*)`])
    await send('GET', url)
  await send('GET', '/student?select=count()', undefined, COUNT)
  await send('GET', '/course?select=title', undefined, { accept: 'application/x-ndjson' })
  const stored = await send('POST', '/student', {
    name,
    course: first.id,
    friends: [one.id],
    photo: photo.id,
  })
  if (stored.statusCode !== 201) throw new Error(stored.body)
  await send('POST', '/student', [{ name, course: second.id }, { name }])
  await send('POST', '/course', `title\n${name}\n`, { 'content-type': 'text/csv' })
  await send(
    'POST',
    '/course?on_conflict=title',
    [{ title: name, next: first.id }, { title: `${name} 2` }],
    MERGE,
  )
  await send('POST', '/course?on_conflict=title', [{ title: name }], IGNORE)
  const place = String(stored.headers.location)
  await send('PATCH', place, { age: 3 })
  await send('PUT', place, { name, course: second.id })
  await send('PATCH', `/student?name=eq.${name}`, { age: 4, course: first.id }, WHOLE)
  await send('DELETE', place)
  await send('DELETE', `/student?name=eq.${name}`, undefined, WHOLE)
}

/** As a user and as a visitor with limited rights. */
async function workLimited(app: FastifyInstance, home: Furnished): Promise<void> {
  const { send, name, word } = home
  for (const entity of ['student', 'course']) {
    const url = `/schemas/${entity}/permissions`
    const limited = await send('PUT', `${url}/user`, LIMITED)
    const open = await send('PUT', `${url}/anonymous`, { ...LIMITED, create: true })
    if (limited.statusCode !== 200 || open.statusCode !== 200) throw new Error(limited.body + open.body)
  }
  const { access_token } = await signIn(app, `${name}/${word} user`, PASSWORD)
  await workAs(as(app, access_token), home, 'clerk')
  await workAs(visitor(app, name), home, 'visitor')
}

/** Sends requests without a token to a tenant. */
export function visitor(app: FastifyInstance, tenant?: string): Send {
  return (method, url, payload, headers = {}) =>
    app.inject({
      method,
      url,
      headers: { ...(tenant === undefined ? {} : { 'x-tenant': tenant }), ...headers },
      ...(payload === undefined ? {} : { payload }),
    })
}

/** Runs all requests as the tenant's admin; whatever they answer. */
export async function work(app: FastifyInstance, home: Furnished): Promise<void> {
  const { send, first, second, students, photo, user, key, word, token, name } = home
  const [one, two] = students
  await workLimited(app, home)
  for (const url of READS) await send('GET', url)
  for (const prefer of ['count=exact', 'count=planned', 'count=estimated'])
    await send('GET', '/student?age=gt.1&limit=1', undefined, { prefer })
  await send('GET', '/student', undefined, { accept: 'text/csv' })
  for (const url of [
    `/files/${photo.id}`,
    photo.url,
    `/course/${first.id}`,
    `/student/${one.id}?select=course(*)`,
  ])
    await send('GET', url)
  await send('POST', '/course?on_conflict=title', [{ title: word }, { title: `${word} 3` }], MERGE)
  await send('POST', '/course?on_conflict=title', [{ title: word }], IGNORE)
  await send('POST', '/course', [{ title: word }, { title: `${word} 4` }], PARTIAL)
  await send('POST', '/course', { title: word })
  await send('PUT', `/course/${second.id}`, { title: `${word} 2`, next: first.id })
  await send('PATCH', `/student/${one.id}`, { friends: [two.id] })
  await send('PATCH', `/student/${one.id}`, { age: 22 }, { 'if-match': '"1-x"' })
  await send('PATCH', '/student?age=gt.20', { age: 30, course: first.id }, WHOLE)
  await send('PATCH', '/student?age=gt.20', { age: 31 }, COUNT)
  await send('DELETE', `/files/${photo.id}`)
  await send('DELETE', '/student?age=gt.1000')
  await send('DELETE', `/student/${two.id}`)
  await send('DELETE', `/course/${first.id}`)
  const fields = [
    ...COURSE.fields,
    { name: 'weight', type: 'integer', required: true, default: 1, indexed: true },
  ]
  await send('PUT', '/schemas/course', { fields })
  await send('DELETE', `/files/${photo.id}`)
  await send('PATCH', `/auth/users/${user.id}`, { password: 'another password' })
  await send('DELETE', `/auth/users/${user.id}`)
  await as(app, key.key)('GET', '/student')
  await send('DELETE', `/auth/keys/${key.id}`)
  await send('POST', '/auth/password', { current_password: 'wrong', new_password: PASSWORD })
  await workWithQuotas(app, home)
  await send('DELETE', '/schemas/student')
  const renewed = await signIn(app, `${name}/${word}`, PASSWORD)
  const form = (payload: object) => app.inject({ method: 'POST', url: '/auth/token', payload })
  for (let times = 0; times < 2; times++)
    await form({ grant_type: 'refresh_token', refresh_token: renewed.refresh_token })
  await app.inject({ method: 'POST', url: '/auth/revoke', payload: { token } })
  await app.tenantPurge.run()
}
