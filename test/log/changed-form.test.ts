// History across a change of a field's type: what was logged before is shown in the present form.
import t from 'tap'
import { startLogged } from '../support/log/articles.ts'
import { until } from '../support/until.ts'

const WITHOUT = ['created_at', 'updated_at', 'warnings'] as const

t.test('earlier values of a field whose type has changed', async (t) => {
  const { send, moment, app } = await startLogged(t)
  const { id } = (await send('POST', '/article', { title: '1', code: 'c' })).json()
  const gone = (await send('POST', '/article', { title: '7' })).json().id
  const first = await moment()
  await send('PATCH', `/article/${id}`, { title: '2' })
  await send('DELETE', `/article/${gone}`)
  const second = await moment()
  const now = (await send('GET', '/schemas/article')).json()
  for (const member of WITHOUT) delete now[member]
  now.fields[0].type = 'integer'
  const put = await send('PUT', '/schemas/article', now)
  t.ok(put.statusCode < 300, put.body)
  await until(async () => {
    await app.conversions.run()
    return (await send('GET', `/article/${id}`)).json().title === 2
  }, 'the change is in force')
  await send('PATCH', `/article/${id}`, { title: 3 })
  await send('PATCH', `/article/${id}`, { code: 'd' })
  const titles = (await send('GET', `/article/${id}/history`))
    .json()
    .map(({ changes }: { changes: { title?: unknown } }) => changes.title)
  t.strictSame(titles, [undefined, { old: 2, new: 3 }, { old: 1, new: 2 }, { old: null, new: 1 }])
  const at = async (time: string) =>
    (await send('GET', `/article?as_of=${time}&select=title&order=title`)).json()
  t.strictSame(await at(first), [{ title: 1 }, { title: 7 }])
  t.strictSame(await at(second), [{ title: 2 }])
  t.match((await send('GET', '/article/trash')).json(), [{ id: gone, title: 7 }])
  t.match((await send('POST', `/article/${gone}/restore`)).json(), { title: 7 })
  t.match((await send('POST', `/article/${id}/restore`, { version: 1 })).json(), { title: 1, code: 'c' })
})

t.test('a rename shows in the history at once, and a dropped field not at all', async (t) => {
  const { send, moment } = await startLogged(t)
  const { id } = (await send('POST', '/article', { title: 'a', code: 'x' })).json()
  const then = await moment()
  await send('PATCH', `/article/${id}`, { title: 'b', code: 'y' })
  await send('POST', '/schemas/article/rename', { fields: { title: 'heading' } })
  const now = (await send('GET', '/schemas/article')).json()
  for (const member of WITHOUT) delete now[member]
  now.fields = now.fields.filter(({ name }: { name: string }) => name !== 'code')
  await send('PUT', '/schemas/article', now)
  const [last] = (await send('GET', `/article/${id}/history`)).json()
  t.strictSame(last.changes, { heading: { old: 'a', new: 'b' } })
  const { heading, code } = (await send('GET', `/article/${id}?as_of=${then}`)).json()
  t.strictSame([heading, code], ['a', undefined])
})

t.test('switched off and on again, the history begins anew', async (t) => {
  const { send, moment } = await startLogged(t)
  const { id } = (await send('POST', '/article', { title: 'a' })).json()
  await send('PATCH', `/article/${id}`, { title: 'b' })
  const then = await moment()
  const now = (await send('GET', '/schemas/article')).json()
  for (const member of [...WITHOUT, 'history', 'feed']) delete now[member]
  const off = (await send('PUT', '/schemas/article', now)).json()
  t.notOk('history' in off)
  t.match((await send('GET', `/article/${id}/history`)).json(), { code: 'history_off' })
  await send('PATCH', `/article/${id}`, { title: 'unknown' })
  const on = (await send('PUT', '/schemas/article', { ...now, history: { keep: 'forever' } })).json()
  t.strictSame(on.history, { keep: 'forever' })
  await send('PATCH', `/article/${id}`, { title: 'c' })
  const history = (await send('GET', `/article/${id}/history`)).json()
  t.match(history, [{ version: 4, changes: { title: { old: 'unknown', new: 'c' } } }])
  t.equal(history.length, 1, 'what is beyond the gap is not guessed')
  t.match((await send('GET', `/article?as_of=${then}`)).json(), { code: 'history_begins_later' })
  const versions = (await send('GET', '/schemas/article/versions')).json()
  t.match(JSON.stringify(versions), /the history is switched off.*|the history is switched on/)
  t.match((await send('PUT', '/schemas/article', { ...now, history: { keep: '3d' } })).json(), {
    status: 400,
    errors: [{ pointer: '/history' }],
  })
  t.match((await send('PUT', '/schemas/article', { ...now, feed: 1 })).json(), {
    errors: [{ pointer: '/feed' }],
  })
})
