// The history of records: what each write has changed, and records as they were.
import t from 'tap'
import { startLogged } from '../../support/log/articles.ts'

t.test('the history of a record, newest first', async (t) => {
  const { send, admin } = await startLogged(t)
  const made = (await send('POST', '/article', { title: 'a', price: '1.50', tags: ['x'] })).json()
  await send('PATCH', `/article/${made.id}`, { title: 'b' })
  await send('PATCH', `/article/${made.id}`, { title: 'b', price: null })
  await send('DELETE', `/article/${made.id}`)
  const answer = await send('GET', `/article/${made.id}/history`)
  t.equal(answer.statusCode, 200)
  const by = { id: admin, username: 'admin' }
  t.match(answer.json(), [
    { version: 4, op: 'delete', by, schema_version: 1, changes: { title: { old: 'b', new: null } } },
    { version: 3, op: 'update', by, changes: { price: { old: '1.50', new: null } } },
    { version: 2, op: 'update', changes: { title: { old: 'a', new: 'b' } } },
    {
      version: 1,
      op: 'insert',
      changes: { title: { old: null, new: 'a' }, tags: { old: null, new: ['x'] } },
    },
  ])
  t.strictSame(Object.keys(answer.json()[1].changes), ['price'], 'what stays is no change')
  t.match(answer.json()[0].at, /^\d{4}-\d\d-\d\dT.*Z$/)
})

t.test('pages of a history', async (t) => {
  const { send } = await startLogged(t)
  const { id } = (await send('POST', '/article', { price: '0' })).json()
  for (let at = 1; at <= 11; at++) await send('PATCH', `/article/${id}`, { price: String(at) })
  const seen: number[] = []
  let url: string | undefined = `/article/${id}/history?limit=5`
  let pages = 0
  while (url !== undefined) {
    const answer = await send('GET', url)
    for (const { changes, version } of answer.json()) {
      t.same(Number(changes.price.new), version - 1)
      seen.push(version)
    }
    url = /<(.*)>/.exec(String(answer.headers.link ?? ''))?.[1]
    pages++
  }
  t.strictSame(seen, [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1])
  t.equal(pages, 3)
  const foreign = await send('GET', `/article/${id}/history?cursor=AAAA`)
  t.match(foreign.json(), { status: 400, code: 'invalid_parameter' })
})

t.test('a record and a list as of a time', async (t) => {
  const { send, moment } = await startLogged(t)
  const start = await moment()
  const [a, b] = (
    await send('POST', '/article', [
      { title: 'a', price: '1' },
      { title: 'b', price: '2' },
    ])
  ).json()
  const first = await moment()
  await send('PATCH', `/article/${a.id}`, { title: 'A', price: '3' })
  await send('DELETE', `/article/${b.id}`)
  await send('POST', '/article', { title: 'c' })
  const second = await moment()
  await send('DELETE', '/article?id=not.is.null')
  const at = async (query: string) => (await send('GET', `/article?${query}`)).json()
  t.strictSame(await at(`as_of=${first}`), [a, b], 'exactly as it was')
  t.strictSame(await at(`as_of=${first}&title=eq.b&select=title`), [{ title: 'b' }])
  t.strictSame(await at(`as_of=${first}&price=gt.1&select=title`), [{ title: 'b' }])
  t.strictSame(await at(`as_of=${second}&select=title&order=title.desc`), [{ title: 'c' }, { title: 'A' }])
  t.strictSame(await at(`as_of=${second}&select=count()`), [{ count: 2 }])
  t.strictSame(await at(`as_of=${start}`), [])
  t.strictSame((await send('GET', `/article/${b.id}?as_of=${first}`)).json(), b)
  t.equal((await send('GET', `/article/${b.id}?as_of=${second}`)).statusCode, 404)
  t.equal((await send('GET', `/article/${b.id}?as_of=${start}`)).statusCode, 404)
  const page = await send('GET', `/article?as_of=${first}&limit=1`, undefined, { prefer: 'count=exact' })
  t.equal(page.headers['content-range'], '0-0/2')
  const next = /<(.*)>/.exec(String(page.headers.link))?.[1] as string
  t.strictSame((await send('GET', next)).json(), [b])
  const csv = await send('GET', `/article?as_of=${first}&select=title`, undefined, { accept: 'text/csv' })
  t.equal(csv.body, 'title\na\nb')
})

t.test('what as_of refuses', async (t) => {
  const { send, moment } = await startLogged(t)
  const now = await moment()
  t.match((await send('GET', '/article?as_of=yesterday')).json(), { code: 'invalid_parameter' })
  t.match((await send('GET', `/article?as_of=${now}&select=*,author(*)`)).json(), { code: 'malformed_query' })
  t.match((await send('GET', '/article?as_of=2020-01-01T00:00:00Z')).json(), {
    status: 404,
    code: 'history_begins_later',
  })
  t.match((await send('GET', `/author?as_of=${now}`)).json(), { status: 409, code: 'history_off' })
  t.match((await send('GET', '/article?as_of=eq.x')).json(), { code: 'unknown_field' })
  t.match((await send('PATCH', `/article?as_of=${now}`, { title: 'x' })).json(), { status: 400 })
})

t.test('erased for good', async (t) => {
  const { send, moment } = await startLogged(t)
  const { id } = (await send('POST', '/article', { title: 'secret' })).json()
  await send('PATCH', `/article/${id}`, { title: 'plain' })
  const then = await moment()
  await send('PATCH', `/article/${id}`, { title: 'plainer' })
  t.equal((await send('DELETE', `/article/${id}/history`)).statusCode, 204)
  t.strictSame((await send('GET', `/article/${id}/history`)).json().code, 'record_not_found')
  t.strictSame((await send('GET', `/article?as_of=${then}`)).json(), [], 'nobody knows')
  t.equal((await send('GET', `/article/${id}`)).json().title, 'plainer')
  await send('PATCH', `/article/${id}`, { title: 'new' })
  const history = (await send('GET', `/article/${id}/history`)).json()
  t.match(history, [{ version: 4, changes: { title: { old: 'plainer', new: 'new' } } }])
  const audit = (await send('GET', '/audit?action=eq.history.erase')).json()
  t.match(audit, [{ target: 'article', details: { id } }])
})
