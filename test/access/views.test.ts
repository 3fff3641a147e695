// What a role may not see is not there: in definitions, in the documentation, and behind files, relations and conflicts.
import t from 'tap'
import { addUser, as, asAdmin } from '../support/app.ts'
import { MULTIPART, multipart, startFiles } from '../support/files/app.ts'

const COURSE = {
  entity_name: 'course',
  fields: [
    { name: 'title', type: 'string' },
    { name: 'secret', type: 'string', unique: true },
    { name: 'meta', type: 'json' },
    { name: 'paper', type: 'file' },
  ],
  unique: [['title', 'secret']],
}

const STUDENT = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'course', type: 'relation', entity: 'course' },
    { name: 'tutor', type: 'relation', entity: 'course' },
  ],
}

async function start(test: Parameters<typeof startFiles>[0]) {
  const { app } = await startFiles(test)
  const admin = await asAdmin(app)
  for (const entity of [COURSE, STUDENT]) await admin('POST', '/schemas', entity)
  await admin('PUT', '/auth/roles/clerk', {})
  const clerk = as(app, (await addUser(app, 'clerk', 'clerk')).tokens.access_token)
  const may = { read: 'title=neq.hidden', create: true, update: true, fields: { read: ['title'] } }
  await admin('PUT', '/schemas/course/permissions/clerk', may)
  return { admin, clerk }
}

t.test('definitions and documentation hold what the role may see', async (t) => {
  const { admin, clerk } = await start(t)
  t.strictSame(
    (await clerk('GET', '/schemas')).json().map((one: { entity_name: string }) => one.entity_name),
    ['course'],
  )
  const course = await clerk('GET', '/schemas/course')
  t.strictSame(course.json().fields, [{ name: 'title', type: 'string' }])
  t.strictSame(course.json().unique, [])
  t.not(course.headers.etag, (await admin('GET', '/schemas/course')).headers.etag)
  t.equal((await clerk('GET', '/schemas/student')).statusCode, 404)
  t.notMatch((await clerk('GET', '/schemas/course/json-schema')).body, /secret/)
  const { paths, components } = (await clerk('GET', '/docs/json')).json()
  t.notMatch(JSON.stringify([paths, components]), /secret/)
  t.notOk(paths['/student/'])
  t.strictSame(Object.keys(paths['/course/{id}']).sort(), ['get', 'parameters', 'patch', 'put'])
})

t.test('a permission is taken back as it is shown, by its own role', async (t) => {
  const { admin } = await start(t)
  const url = '/schemas/course/permissions/clerk'
  const shown = (await admin('GET', url)).json()
  t.match(shown, { role: 'clerk', read: 'title=neq.hidden' })
  const put = await admin('PUT', url, { ...shown, delete: true })
  t.match([put.statusCode, put.json()], [200, { ...shown, delete: true }])
  const other = await admin('PUT', url, { ...shown, role: 'user', read: 'nope' })
  t.match([other.statusCode, other.json().errors], [400, [{ pointer: '/role' }, { pointer: '/read' }]])
})

t.test('PUT keeps what may not be written, and a conflict names only what may be read', async (t) => {
  const { admin, clerk } = await start(t)
  const made = (await admin('POST', '/course', { title: 'a', secret: 's' })).json()
  const put = await clerk('PUT', `/course/${made.id}`, { title: 'b' })
  t.equal(put.statusCode, 200, put.body)
  t.match((await admin('GET', `/course/${made.id}`)).json(), { title: 'b', secret: 's' })
  await admin('PUT', '/schemas/course/permissions/clerk', {
    read: 'title=neq.hidden',
    create: true,
    fields: { read: ['title'], write: ['title', 'secret'] },
  })
  await admin('POST', '/course', { title: 'hidden', secret: 'taken' })
  const conflict = await clerk('POST', '/course', { title: 'x', secret: 'taken' })
  t.equal(conflict.statusCode, 409)
  t.notMatch(conflict.body, /secret|hidden/)
})

t.test('a related record and a file out of sight are as missing', async (t) => {
  const { admin, clerk } = await start(t)
  await admin('PUT', '/schemas/student/permissions/clerk', { read: true, create: true })
  const upload = multipart({ filename: 'a.txt', content: 'a' })
  const file = (await admin('POST', '/files/upload', upload, MULTIPART)).json()
  const made = await admin('POST', '/course', { title: 'hidden', paper: file.id })
  const { id } = made.json()
  const none = '01980000-0000-7000-8000-000000000000'
  const [unseen, missing] = [
    await clerk('POST', '/student', { name: 'x', course: id }),
    await clerk('POST', '/student', { name: 'x', course: none }),
  ]
  const body = (text: string) => text.replace(/"request_id":"[^"]*"/, '').replaceAll(id, none)
  t.strictSame([unseen.statusCode, body(unseen.body)], [409, body(missing.body)])
  await admin('POST', '/student', { name: 'y', course: id })
  t.strictSame((await clerk('GET', '/student?select=name,course!course(title)')).json(), [
    { name: 'y', course: null },
  ])
  t.equal((await clerk('GET', file.url)).statusCode, 404)
  const open = { read: true, fields: { read: ['title', 'paper'] } }
  await admin('PUT', '/schemas/course/permissions/clerk', open)
  t.equal((await clerk('GET', file.url)).statusCode, 200)
  await admin('PUT', '/schemas/course/permissions/clerk', { ...open, read: 'title=neq.hidden' })
  t.equal((await clerk('GET', file.url)).statusCode, 404, 'the record is out of sight')
  await admin('PUT', '/schemas/course/permissions/clerk', { ...open, fields: { read: ['title'] } })
  t.equal((await clerk('GET', file.url)).statusCode, 404, 'the field is')
})
