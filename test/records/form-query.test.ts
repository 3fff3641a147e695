// Queries in a body answer as the list does, for the same callers, however long they are.
import t from 'tap'
import { addUser, as, asAdmin, startWithAdmin } from '../support/app.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const AUTHOR = { entity_name: 'author', fields: [{ name: 'name', type: 'string' }] }

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'n', type: 'integer' },
    { name: 'author', type: 'relation', entity: 'author' },
  ],
}

async function start(test: typeof t) {
  const { app } = await startWithAdmin(test, { BODY_LIMIT: 200_000 })
  const send = await asAdmin(app)
  for (const entity of [AUTHOR, THING]) await send('POST', '/schemas', entity)
  const author = (await send('POST', '/author', { name: 'Ada' })).json()
  const rows = Array.from({ length: 1000 }, (_, n) => ({ name: `n${n % 10} & ä+`, n, author: author.id }))
  const made = await send('POST', '/thing', rows)
  return { app, send, ids: made.json().map(({ id }: { id: string }) => id) as string[] }
}

t.test('a query in a body answers as the list does', async (t) => {
  const { send } = await start(t as never)
  for (const query of [
    '',
    'n=gte.990&select=n,name',
    'or=(n.lt.3,n.gt.997)&order=n.desc&limit=3&offset=1',
    'name=eq.n3%20%26%20%C3%A4%2B&select=n&limit=5',
    'name=eq.n3+%26+%C3%A4%2B&select=n&limit=5',
    'select=n,author(name)&limit=2',
    'select=name,count()&order=count',
    'nope=eq.1',
    'page=2',
    'n=eq.x',
    'limit=-1',
  ]) {
    const [list, form] = [
      await send('GET', `/thing?${query}`),
      await send('POST', '/thing/query', query, FORM),
    ]
    t.equal(form.statusCode, list.statusCode, query)
    const known = ({ request_id: _, ...problem }: Record<string, unknown>) => problem
    t.strictSame(
      list.statusCode === 200 ? form.json() : known(form.json()),
      list.statusCode === 200 ? list.json() : known(list.json()),
      query,
    )
    t.equal(form.headers['content-range'], list.headers['content-range'], query)
    t.equal(form.headers['content-type'], list.headers['content-type'], query)
  }
  const counted = await send('POST', '/thing/query', 'limit=1', { ...FORM, prefer: 'count=exact' })
  t.match(counted, { statusCode: 206, headers: { 'content-range': '0-0/1000' } })
  const csv = await send('POST', '/thing/query', 'select=n&n=lt.2', { ...FORM, accept: 'text/csv' })
  t.equal(csv.body.trim(), 'n\n0\n1'.replaceAll('\n', csv.body.includes('\r') ? '\r\n' : '\n'))
  t.equal((await send('POST', '/thing/query?select=n&limit=1')).json()[0].n, 0, 'the URL may hold parameters')
})

t.test('thousands of ids, page by page', async (t) => {
  const { send, ids } = await start(t as never)
  const body = `id=in.(${[...ids, ...ids, ...ids].join(',')})&select=n&limit=400&order=n.desc`
  t.ok(body.length > 100_000)
  const found: number[] = []
  let url: string | undefined = '/thing/query'
  while (url !== undefined) {
    const page = await send('POST', url, body, FORM)
    t.equal(page.statusCode, 200)
    found.push(...page.json().map(({ n }: { n: number }) => n))
    url = /^<(.+)>; rel="next"$/.exec(String(page.headers.link ?? ''))?.[1]
    t.ok(url === undefined || url.length < 500, 'the link has no ids')
  }
  t.strictSame(found, [...ids.keys()].reverse())
  t.equal((await send('GET', `/thing?id=in.(${ids.join(',')})`)).statusCode, 400, 'which a URL cannot hold')
  const large = await send('POST', '/thing/query', `name=eq.${'x'.repeat(200_001)}`, FORM)
  t.equal(large.statusCode, 413)
})

t.test('an offset in the body gives way to the cursor of the next page', async (t) => {
  const { send } = await start(t as never)
  const first = await send('POST', '/thing/query', 'select=n&limit=2&offset=4', FORM)
  const [, next = ''] = /^<(.+)>;/.exec(String(first.headers.link)) ?? []
  t.strictSame((await send('POST', next, 'select=n&limit=2&offset=4', FORM)).json(), [{ n: 6 }, { n: 7 }])
})

t.test('it takes forms alone, and a permission to read', async (t) => {
  const { app, send } = await start(t as never)
  t.equal((await send('POST', '/thing/query', { n: 'eq.1' })).statusCode, 415)
  t.equal((await send('POST', '/thing/query', 'n\n1', { 'content-type': 'text/csv' })).statusCode, 415)
  t.equal((await send('POST', '/thing', 'name=x', FORM)).statusCode, 415)
  const text = await send('DELETE', '/thing', '"id=not.is.null"', { 'content-type': 'application/json' })
  t.match(text.json(), { status: 400, code: 'filter_required' }, 'a JSON text is no form')
  t.equal((await send('POST', '/nothing/query', '', FORM)).statusCode, 404)
  t.equal((await send('GET', '/thing/query')).statusCode, 404)
  const { tokens } = await addUser(app, 'alice', 'user')
  const alice = as(app, tokens.access_token)
  const fields = { read: ['n'] }
  await send('PUT', '/schemas/thing/permissions/user', { read: 'n=lt.2', create: false, fields })
  t.strictSame((await alice('POST', '/thing/query', 'select=n', FORM)).json(), [{ n: 0 }, { n: 1 }])
  t.equal((await alice('POST', '/thing/query', 'select=name', FORM)).statusCode, 400)
  await send('PUT', '/schemas/thing/permissions/user', { read: false, create: true })
  t.equal((await alice('POST', '/thing/query', '', FORM)).statusCode, 403)
})
