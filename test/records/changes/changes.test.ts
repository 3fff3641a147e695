// Changes of an entity in the order of commits, from a cursor on.
import pg from 'pg'
import t, { type Test } from 'tap'
import { addUser, as } from '../../support/app.ts'
import { ARTICLE, startLogged } from '../../support/log/articles.ts'

type Send = Awaited<ReturnType<typeof startLogged>>['send']

const nextOf = (answer: Awaited<ReturnType<Send>>) =>
  /<(.*)>/.exec(String(answer.headers.link))?.[1] as string

/** Follows the changes from now on: each call gives those since the last. */
async function follow(send: Send, limit = '') {
  const first = await send('GET', `/article/changes${limit}`)
  if (first.body !== '[]') throw new Error(first.body)
  let url = nextOf(first)
  return async () => {
    const answer = await send('GET', url)
    if (answer.statusCode !== 200) throw new Error(answer.body)
    url = nextOf(answer)
    return answer.json()
  }
}

t.test('what has happened since a cursor', async (t) => {
  const { send } = await startLogged(t)
  await send('POST', '/article', { title: 'before' })
  const changes = await follow(send)
  t.strictSame(await changes(), [])
  const made = (await send('POST', '/article', { title: 'a' })).json()
  const patched = (await send('PATCH', `/article/${made.id}`, { title: 'b' })).json()
  await send('DELETE', `/article/${made.id}`)
  const back = (await send('POST', `/article/${made.id}/restore`)).json()
  t.match(await changes(), [
    { op: 'insert', id: made.id, version: 1, record: made },
    { op: 'update', id: made.id, version: 2, record: patched },
    { op: 'delete', id: made.id, version: 3, record: null },
    { op: 'insert', id: made.id, version: 4, record: back },
  ])
  t.strictSame(await changes(), [])
})

t.test('pages, and the cursor of each change', async (t) => {
  const { send } = await startLogged(t)
  const changes = await follow(send, '?limit=3')
  await send(
    'POST',
    '/article',
    Array.from({ length: 8 }, (_, at) => ({ title: `t${at}` })),
  )
  const seen = []
  for (let page = await changes(); page.length > 0; page = await changes()) seen.push(...page)
  t.strictSame(
    seen.map(({ record }) => record.title).sort(),
    Array.from({ length: 8 }, (_, at) => `t${at}`),
  )
  const rest = (await send('GET', `/article/changes?after=${seen[4].cursor}`)).json()
  t.strictSame(
    rest.map(({ id }: { id: string }) => id),
    seen.slice(5).map(({ id }) => id),
  )
})

t.test('cursors that are no good', async (t) => {
  const { send, client } = await startLogged(t)
  await send('POST', '/schemas', { ...ARTICLE, entity_name: 'other', fields: ARTICLE.fields.slice(0, 1) })
  const url = nextOf(await send('GET', '/article/changes'))
  const code = async (path: string) => (await send('GET', path)).json().code
  t.equal(await code(url.replace('article', 'other')), 'invalid_parameter', 'of another entity')
  t.equal(await code(`${url.slice(0, -2)}${url.endsWith('A') ? 'BB' : 'AA'}`), 'invalid_parameter', 'altered')
  t.equal(await code('/article/changes?after=x'), 'invalid_parameter')
  t.equal(await code('/article/changes?since=x'), 'invalid_parameter')
  t.match((await send('GET', '/author/changes')).json(), { status: 409, code: 'feed_off' })
  await client.query(`update tick set at = at - interval '49 hours'`)
  t.match((await send('GET', url)).json(), { status: 410, code: 'cursor_expired' })
  await client.query('delete from tick')
  t.match((await send('GET', url)).json(), { status: 410, code: 'cursor_expired' })
})

t.test('a gap in the log ends a cursor', async (t) => {
  const { send } = await startLogged(t)
  const url = nextOf(await send('GET', '/article/changes'))
  const {
    created_at: _c,
    updated_at: _u,
    history: _h,
    feed: _f,
    ...off
  } = (await send('GET', '/schemas/article')).json()
  await send('PUT', '/schemas/article', off)
  t.equal((await send('GET', url)).json().code, 'feed_off')
  await send('PUT', '/schemas/article', { ...off, feed: true })
  t.equal((await send('GET', url)).json().code, 'cursor_expired')
})

async function reader(t: Test, read: unknown, fields: unknown) {
  const { app, send, ...rest } = await startLogged(t)
  await send('PUT', '/auth/roles/clerk', {})
  const permission = { read, create: false, update: false, delete: false, fields }
  const put = await send('PUT', '/schemas/article/permissions/clerk', permission)
  if (put.statusCode >= 300) throw new Error(put.body)
  const { tokens } = await addUser(app, 'carla', 'clerk')
  return { app, send, ...rest, clerk: as(app, tokens.access_token) }
}

t.test('each caller sees what the rule lets them see, before and after', async (t) => {
  const { send, clerk } = await reader(t, 'title=like.open*', { read: ['title'] })
  const changes = await follow(clerk)
  const { id } = (await send('POST', '/article', { title: 'secret', price: '1' })).json()
  await send('PATCH', `/article/${id}`, { title: 'open 1' })
  await send('PATCH', `/article/${id}`, { title: 'open 2' })
  await send('PATCH', `/article/${id}`, { title: 'secret' })
  await send('DELETE', `/article/${id}`)
  const other = (await send('POST', '/article', { title: 'open', price: '7' })).json().id
  await send('DELETE', `/article/${other}`)
  const events = await changes()
  t.match(events, [
    { op: 'enter', id, record: { title: 'open 1' } },
    { op: 'update', id, record: { title: 'open 2' } },
    { op: 'leave', id, record: null },
    { op: 'insert', id: other, record: { title: 'open' } },
    { op: 'delete', id: other, record: null },
  ])
  t.notOk(
    events.some((event: object) => 'version' in event),
    'a version counts what they may not see',
  )
  t.notOk(JSON.stringify(events).includes('price'))
  const history = (await clerk('GET', `/article/${id}/history`)).json()
  t.match(history, [
    { op: 'update', changes: { title: { old: 'open 1', new: 'open 2' } } },
    { op: 'update', changes: { title: { new: 'open 1' } } },
  ])
  t.notOk(JSON.stringify(history).includes('secret'))
  t.notOk(JSON.stringify(history).includes('price'))
  t.equal((await clerk('GET', '/article/trash')).statusCode, 403)
  t.equal((await clerk('POST', `/article/${other}/restore`)).statusCode, 404)
  t.equal((await clerk('DELETE', `/article/${other}/history`)).statusCode, 403)
})

t.test('a transaction that takes long hides nobody else, and comes when it ends', async (t) => {
  const { send, database, client } = await startLogged(t)
  const changes = await follow(send)
  const { id } = (await send('POST', '/article', { title: 'early' })).json()
  const slow = new pg.Client({ connectionString: database.url })
  await slow.connect()
  t.teardown(() => slow.end())
  await slow.query('begin')
  const copy = `insert into change (tenant_id, entity_id, id, version, op, was, was_at, schema, kept)
    select tenant_id, entity_id, id, 2, 'u', '{"title": "early"}', updated_at, 1, 'y' from record where id = $1`
  const set = `update record set version = 2, data = data || '{"title": "late"}' where id = $1`
  await slow.query(copy, [id])
  await slow.query(set, [id])
  const other = (await send('POST', '/article', { title: 'meanwhile' })).json().id
  t.match(await changes(), [{ id }, { id: other }])
  await slow.query('commit')
  t.match(await changes(), [{ id, op: 'update', record: { title: 'late' } }])
  t.strictSame(await changes(), [])
  t.ok((await client.query('select from tick')).rowCount)
})
