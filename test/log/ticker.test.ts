// Ticks: made soon after there are changes, by one process of all, and worth nothing on another server.
import pg from 'pg'
import t from 'tap'
import { startApp } from '../support/app.ts'
import { startLogged } from '../support/log/articles.ts'
import { until } from '../support/until.ts'

t.test('one of two processes ticks, and the other takes over', async (t) => {
  const { app, database, send, client } = await startLogged(t)
  const other = await startApp(t, database)
  const listener = new pg.Client({ connectionString: database.url })
  await listener.connect()
  t.teardown(() => listener.end())
  const heard: string[] = []
  listener.on('notification', ({ payload }) => heard.push(payload as string))
  await listener.query('listen univera_tick')
  const holders = async () =>
    (await client.query(`select pid from pg_locks where locktype = 'advisory' and classid = 1970037345`)).rows
  await until(async () => (await holders()).length === 1, 'one ticks')
  await send('POST', '/article', { title: 'a' })
  const last = async () => (await client.query('select max(id) as id from tick')).rows[0].id
  await until(async () => heard.length > 0 && heard.at(-1) === (await last()), 'a tick is heard of')
  const before = heard.length
  await send('POST', '/article', { title: 'b' })
  await until(() => heard.length > before, 'and the next')
  await client.query(
    'select pg_terminate_backend(pid) from pg_locks where classid = 1970037345 and objid = 1',
  )
  await until(async () => (await holders()).length === 1, 'another takes over')
  await Promise.all([app.close(), other.close()])
  t.equal((await holders()).length, 0)
})

t.test('where nothing changes there are no ticks', async (t) => {
  const { send, client } = await startLogged(t)
  await send('POST', '/article', { title: 'a' })
  await send('GET', '/article/changes')
  const count = async () => (await client.query('select from tick')).rowCount
  const ticks = await count()
  for (let at = 0; at < 5; at++) await client.query('select make_tick()')
  await send('POST', '/author', { name: 'not logged' })
  await client.query('select make_tick()')
  t.equal(await count(), ticks)
})

t.test('after the dump of another server', async (t) => {
  const { database, send, client } = await startLogged(t)
  const { id } = (await send('POST', '/article', { title: 'a' })).json()
  await send('PATCH', `/article/${id}`, { title: 'b' })
  const link = String((await send('GET', '/article/changes')).headers.link)
  const url = /<(.*)>/.exec(link)?.[1] as string
  await client.query('update change set tx = tx + 1000000000')
  await startApp(t, database)
  t.strictSame((await client.query('select distinct tx::int from change')).rows, [{ tx: 0 }])
  t.match((await send('GET', url)).json(), { status: 410, code: 'cursor_expired' })
  t.equal((await send('GET', `/article/${id}/history`)).json().length, 2)
  const next = /<(.*)>/.exec(String((await send('GET', '/article/changes')).headers.link))?.[1] as string
  await send('PATCH', `/article/${id}`, { title: 'c' })
  t.match((await send('GET', next)).json(), [{ op: 'update', record: { title: 'c' } }])
})
