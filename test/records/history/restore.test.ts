// The trash, and the way back from it.
import t from 'tap'
import { startLogged } from '../../support/log/articles.ts'

t.test('a deleted record is in the trash and comes back as it was', async (t) => {
  const { send, admin } = await startLogged(t)
  const made = (await send('POST', '/article', { title: 'a', price: '1.50', tags: ['x'] })).json()
  await send('PATCH', `/article/${made.id}`, { title: 'b' })
  const last = (await send('GET', `/article/${made.id}`)).json()
  await send('DELETE', `/article/${made.id}`)
  const trash = (await send('GET', '/article/trash')).json()
  t.match(trash, [{ ...last, deleted_by: admin, deleted_at: /Z$/ }])
  const restored = await send('POST', `/article/${made.id}/restore`)
  t.equal(restored.statusCode, 201)
  t.equal(restored.headers.location, `/article/${made.id}`)
  const { updated_at: _, ...rest } = last
  t.match(restored.json(), rest)
  t.strictSame((await send('GET', `/article/${made.id}`)).json(), restored.json())
  t.strictSame((await send('GET', '/article/trash')).json(), [])
  const history = (await send('GET', `/article/${made.id}/history`)).json()
  t.match(history, [
    { op: 'restore', version: 4 },
    { op: 'delete', version: 3 },
    { version: 2 },
    { version: 1 },
  ])
  t.match((await send('POST', `/article/${made.id}/restore`)).json(), { status: 409, code: 'record_exists' })
  t.match((await send('GET', '/audit?action=eq.records.restore')).json(), [{ target: 'article' }])
  await send('PATCH', `/article/${made.id}`, { title: 'c' })
  t.match((await send('GET', `/article/${made.id}/history`)).json()[0], { op: 'update', version: 5 })
})

t.test('back to an earlier version', async (t) => {
  const { send } = await startLogged(t)
  const { id } = (await send('POST', '/article', { title: 'a', price: '1' })).json()
  await send('PATCH', `/article/${id}`, { title: 'b', tags: ['x'] })
  await send('PATCH', `/article/${id}`, { price: null })
  const back = await send('POST', `/article/${id}/restore`, { version: 1 })
  t.equal(back.statusCode, 200)
  t.match(back.json(), { title: 'a', price: '1.00', tags: null })
  t.match((await send('POST', `/article/${id}/restore`, { version: 9 })).json(), {
    code: 'version_not_found',
  })
  await send('DELETE', `/article/${id}`)
  const restored = await send('POST', `/article/${id}/restore`, { version: 2 })
  t.match(restored.json(), { title: 'b', tags: ['x'] })
  t.match((await send('POST', `/article/${id}/restore`, { version: 0 })).json(), { status: 400 })
  t.match((await send('POST', `/article/${id}/restore`, { with: 'all' })).json(), { status: 400 })
})

t.test('a value that another record has by now', async (t) => {
  const { send } = await startLogged(t)
  const { id } = (await send('POST', '/article', { code: 'c1' })).json()
  await send('DELETE', `/article/${id}`)
  await send('POST', '/article', { code: 'c1' })
  const refused = await send('POST', `/article/${id}/restore`)
  t.match(refused.json(), { status: 409, code: 'unique_conflict', errors: [{ pointer: '/code' }] })
})

t.test('references to what is gone', async (t) => {
  const { send } = await startLogged(t)
  const author = (await send('POST', '/author', { name: 'x' })).json().id
  const { id } = (await send('POST', '/article', { title: 'a', author })).json()
  await send('DELETE', `/article/${id}`)
  await send('DELETE', `/author/${author}`)
  const restored = await send('POST', `/article/${id}/restore`)
  t.equal(restored.statusCode, 201)
  t.match(restored.json(), { title: 'a', author: null })
  t.match(restored.headers['univera-warning'], /author/)
})

t.test('a required reference that is gone', async (t) => {
  const { send } = await startLogged(t)
  const relation = {
    name: 'author',
    type: 'relation',
    entity: 'author',
    on_delete: 'restrict',
    required: true,
  }
  await send('POST', '/schemas', { entity_name: 'note', history: true, fields: [relation] })
  const author = (await send('POST', '/author', { name: 'x' })).json().id
  const { id } = (await send('POST', '/note', { author })).json()
  await send('DELETE', `/note/${id}`)
  await send('DELETE', `/author/${author}`)
  const refused = await send('POST', `/note/${id}/restore`)
  t.match(refused.json(), { status: 409, code: 'reference_conflict', errors: [{ pointer: '/author' }] })
})

t.test('all that was deleted together', async (t) => {
  const { send } = await startLogged(t)
  const relation = (on_delete: string) => ({ name: 'of', type: 'relation', entity: 'article', on_delete })
  const line = {
    entity_name: 'line',
    history: true,
    fields: [relation('cascade'), { name: 'n', type: 'integer' }],
  }
  await send('POST', '/schemas', line)
  const a = (await send('POST', '/article', { title: 'a' })).json()
  await send('POST', '/line', [
    { of: a.id, n: 1 },
    { of: a.id, n: 2 },
  ])
  const lines = (await send('GET', '/line?select=id,of,n')).json()
  t.equal((await send('DELETE', `/article/${a.id}`)).statusCode, 204)
  t.equal((await send('GET', '/line')).json().length, 0)
  const restored = await send('POST', `/article/${a.id}/restore`, { with: 'cascade' })
  t.equal(restored.statusCode, 201)
  t.strictSame((await send('GET', '/line?select=id,of,n')).json(), lines)
  const embedded = (await send('GET', `/article/${a.id}?select=title,line(n)`)).json()
  t.strictSame(embedded, { title: 'a', line: [{ n: 1 }, { n: 2 }] })
})

t.test('a record that fits its definition no more', async (t) => {
  const { send } = await startLogged(t)
  const { id } = (await send('POST', '/article', { title: 'too long by then' })).json()
  await send('DELETE', `/article/${id}`)
  const { created_at: _c, updated_at: _u, ...now } = (await send('GET', '/schemas/article')).json()
  now.fields[0].max_length = 5
  t.equal((await send('PUT', '/schemas/article', now)).statusCode, 200)
  t.match((await send('POST', `/article/${id}/restore`)).json(), {
    status: 400,
    errors: [{ pointer: '/title' }],
  })
})
