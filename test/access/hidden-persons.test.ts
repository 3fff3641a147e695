// The persons of a record, `created_by` and `updated_by`, are shown like its fields: where `fields.read` does not name them
// they are unknown. The id and the times of a record are always shown.

import t from 'tap'
import { addUser, as, asAdmin, startWithAdmin } from '../support/app.ts'

const NOTE = {
  entity_name: 'note',
  fields: [
    { name: 'title', type: 'string', unique: true },
    { name: 'about', type: 'relation', entity: 'note' },
  ],
}

async function start(t: Parameters<typeof startWithAdmin>[0]) {
  const { app } = await startWithAdmin(t)
  const admin = await asAdmin(app)
  await admin('POST', '/schemas', NOTE)
  const { id } = (await admin('POST', '/note/', { title: 'a' })).json()
  await admin('PATCH', `/note/${id}`, { about: id })
  const user = as(app, (await addUser(app, 'alice', 'user')).tokens.access_token)
  const permit = (role: string, read: string[] | null) =>
    admin('PUT', `/schemas/note/permissions/${role}`, {
      read: true,
      create: true,
      update: true,
      fields: { read },
    })
  return { app, admin, user, id, permit }
}

t.test('with all fields readable everybody sees who wrote a record', async (t) => {
  const { user, id, permit } = await start(t)
  await permit('user', null)
  const { created_by: by } = (await user('GET', `/note/${id}`)).json()
  t.match(by, /^[0-9a-f-]{36}$/)
  t.equal((await user('GET', `/note/?created_by=eq.${by}&order=updated_by`)).json().length, 1)
})

t.test('with some fields readable the persons are unknown in every way of naming them', async (t) => {
  const { app, admin, user, id, permit } = await start(t)
  await permit('user', ['title', 'about'])
  await permit('anonymous', ['title'])
  const shown = ['id', 'title', 'about', 'created_at', 'updated_at']
  t.strictSame(Object.keys((await user('GET', `/note/${id}`)).json()), shown)
  t.strictSame(Object.keys((await user('GET', '/note/')).json()[0]), shown)
  t.strictSame(
    Object.keys((await user('GET', '/note/?select=id,about(*)')).json()[0].about),
    shown,
    'embedded',
  )
  const made = await user('POST', '/note/', { title: 'b' })
  t.strictSame(Object.keys(made.json()), shown, 'the answer of a write')
  const csv = await user('GET', '/note/', undefined, { accept: 'text/csv' })
  t.equal(csv.body.split(/\r?\n/)[0], shown.join())
  t.strictSame(
    Object.keys((await app.inject('/note/')).json()[0]),
    ['id', 'title', 'created_at', 'updated_at'],
    'without a token',
  )
  const ways = [
    ...[
      'select=F',
      'select=id,x:F',
      'select=F::text',
      'F=is.null',
      'F=not.is.null',
      'or=(F.is.null,title.eq.a)',
    ],
    ...[
      'order=F',
      'order=title,F.desc',
      'select=F,count()',
      'select=F.max()',
      'about.F=is.null&select=id,about(id)',
    ],
    ...['select=about(F)', 'about.order=F&select=about(id)', 'order=about(F)'],
  ]
  for (const way of ways) {
    for (const name of ['created_by', 'updated_by']) {
      const answerFor = async (field: string) => {
        const answer = await user('GET', `/note/?${way.replaceAll('F', field)}`)
        const { request_id: _, ...body } = answer.json()
        return [answer.statusCode, JSON.stringify(body).replaceAll(field, 'F')]
      }
      const [status, body] = await answerFor(name)
      t.equal(status, 400, `${way} ${name}`)
      t.strictSame([status, body], await answerFor('znosuch_by'), `${way} ${name}`)
      t.notMatch(String(body), /created_by|updated_by/)
    }
  }
  const document = JSON.stringify((await user('GET', '/docs/json')).json())
  t.notMatch(document, /note\.created_by|note\.updated_by/)
  const { components } = JSON.parse(document)
  t.strictSame(Object.keys(components.schemas.note.properties), shown)
  t.ok((await admin('GET', `/note/${id}`)).json().created_by, 'admins see all')
})

t.test('they are shown where `fields.read` names them, and are never written', async (t) => {
  const { admin, user, id, permit } = await start(t)
  const set = await permit('user', ['title', 'created_by'])
  t.strictSame(set.json().fields, { read: ['title', 'created_by'], write: ['title'] })
  t.strictSame((await admin('GET', '/schemas/note/permissions/user')).json(), set.json())
  const again = await admin('PUT', '/schemas/note/permissions/user', set.json())
  t.strictSame(again.json(), set.json(), 'the answer can be sent again')
  t.strictSame(Object.keys((await user('GET', `/note/${id}`)).json()), [
    ...['id', 'title', 'created_at', 'updated_at', 'created_by'],
  ])
  t.equal((await user('GET', '/note/?created_by=not.is.null')).statusCode, 200)
  t.equal((await user('GET', '/note/?updated_by=not.is.null')).statusCode, 400)
  const written = { read: true, fields: { read: ['title'], write: ['title', 'created_by'] } }
  const refused = await admin('PUT', '/schemas/note/permissions/user', written)
  t.match(refused.json(), { status: 400, errors: [{ pointer: '/fields/write/1' }] })
})
