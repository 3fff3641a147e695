// The main job: an entity is described, and its records are there in the next request.
import t from 'tap'
import { ADMIN, as, signIn, startWithAdmin } from '../support/app.ts'

const STUDENT = {
  entity_name: 'student',
  fields: [
    { name: 'name', type: 'string', required: true },
    { name: 'age', type: 'integer', min: 0 },
    { name: 'email', type: 'email', unique: true },
  ],
}

t.test('a described entity is created, read, changed, listed and deleted over its API', async (t) => {
  const { app } = await startWithAdmin(t)
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const send = as(app, access_token)
  const defined = await send('POST', '/schemas/', STUDENT)
  t.match(defined, { statusCode: 201 }, defined.body)

  const created = await send('POST', '/student/', { name: 'Alice', age: 20 })
  t.equal(created.statusCode, 201, created.body)
  const alice = created.json()
  t.match(alice, { name: 'Alice', age: 20, email: null, created_at: /Z$/ })
  t.same(Object.keys(alice), [
    'id',
    'name',
    'age',
    'email',
    'created_at',
    'updated_at',
    'created_by',
    'updated_by',
  ])
  t.equal(created.headers.location, `/student/${alice.id}`)

  const got = await send('GET', `/student/${alice.id}`)
  t.same(got.json(), alice)
  t.equal(got.headers.etag, created.headers.etag)

  const patched = await send('PATCH', `/student/${alice.id}`, { age: null, email: 'a@example.com' })
  t.equal(patched.statusCode, 200, patched.body)
  t.match(patched.json(), { name: 'Alice', age: null, email: 'a@example.com' })

  const taken = await send('POST', '/student/', [
    { name: 'Bob', email: 'b@example.com' },
    { name: 'Eve', email: 'a@example.com' },
  ])
  t.match(
    taken.json(),
    { status: 409, errors: [{ pointer: '/email', keyword: 'unique', row: 1 }] },
    taken.body,
  )

  const invalid = await send('POST', '/student/', { age: -1, nope: 1 })
  t.equal(invalid.json().errors.length, 3, invalid.body)

  const list = await send('GET', '/student/?limit=1&order=name.desc')
  t.equal(list.statusCode, 200, list.body)
  t.same(list.json(), [patched.json()])
  t.equal(list.headers['content-range'], '0-0/*')

  t.equal((await send('DELETE', `/student/${alice.id}`)).statusCode, 204)
  t.equal((await send('GET', `/student/${alice.id}`)).statusCode, 404)
  t.same((await send('GET', '/student/')).json(), [])
})
