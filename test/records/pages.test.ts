// The HTTP contract of lists: sizes, ranges, and pages that follow one another by their Link header, whatever the order.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'

const rows = Array.from({ length: 23 }, (_, n) => ({
  name: ['b?&=#', 'ä', 'A', null, 'a'][n % 5],
  size: n % 4 === 0 ? null : n % 3,
}))

t.test('pages', async (t) => {
  const { app } = await startWithAdmin(t, { DEFAULT_LIMIT: 5, MAX_LIMIT: 10 })
  const send = await asAdmin(app)
  const fields = [
    { name: 'name', type: 'string' },
    { name: 'size', type: 'integer', indexed: true },
  ]
  await send('POST', '/schemas', { entity_name: 'thing', fields })
  const made = (await send('POST', '/thing', rows)).json()
  const idsOf = (list: { id: string }[]) => list.map(({ id }) => id)

  /** Follows the links to the end. */
  async function follow(url: string) {
    const pages: { id: string }[][] = []
    for (let next: string | undefined = url; next !== undefined; ) {
      const { headers, ...answer } = await send('GET', next)
      if (answer.statusCode !== 200) throw new Error(answer.body)
      pages.push(answer.json())
      next = /^<(.*)>; rel="next"$/.exec(String(headers.link ?? ''))?.[1]
    }
    return pages
  }

  const ranges: [url: string, range: string, size: number, more: boolean][] = [
    ['/thing', '0-4/*', 5, true],
    ['/thing/?limit=3', '0-2/*', 3, true],
    ['/thing?limit=3&offset=2', '2-4/*', 3, true],
    ['/thing?limit=10&offset=20', '20-22/*', 3, false],
    ['/thing?limit=1000', '0-9/*', 10, true],
    ['/thing?limit=99999999999999999999', '0-9/*', 10, true],
    ['/thing?limit=0', '*/*', 0, false],
    ['/thing?offset=23', '*/*', 0, false],
    ['/thing?offset=99999999999999999999', '*/*', 0, false],
    ['/thing?name=eq.b%3F%26%3D%23', '0-4/*', 5, false],
    ['/thing?name=eq.b?%26%3D%23&limit=2', '0-1/*', 2, true],
    ['/thing?size=gt.100', '*/*', 0, false],
  ]
  for (const [url, range, size, more] of ranges) {
    const answer = await send('GET', url)
    t.equal(answer.statusCode, 200, answer.body)
    t.equal(answer.headers['content-range'], range, url)
    t.equal(answer.json().length, size, url)
    t.equal('link' in answer.headers, more, `${url}: ${answer.headers.link}`)
    const head = await send('HEAD', url)
    t.equal(head.headers['content-range'], range)
    t.equal(head.body, '')
  }
  const asked: [url: string, range: string, told: string][] = [
    ['/thing', '0-1', '0-1/*'],
    ['/thing', '0-0', '0-0/*'],
    ['/thing', '20-', '20-22/*'],
    ['/thing/?select=id', '3-6', '3-6/*'],
    ['/thing?limit=3&offset=2', '0-3', '2-3/*'],
    ['/thing?limit=3&offset=2', '4-', '4-4/*'],
    ['/thing?limit=3&offset=2', '7-9', '*/*'],
    ['/thing?limit=2', '0-99', '0-1/*'],
    ['/thing', '0-99', '0-9/*'],
    ['/thing', '5-2', '0-4/*'],
    ['/thing', 'bytes=0-1', '0-4/*'],
    ['/thing', '0-1, 3-4', '0-4/*'],
  ]
  for (const [url, range, told] of asked) {
    const answer = await send('GET', url, undefined, { range })
    t.match(answer, { statusCode: 200, headers: { 'content-range': told } }, `${url} ${range}`)
  }
  const counted = await send('GET', '/thing', undefined, { range: '20-29', prefer: 'count=exact' })
  t.match(counted, { statusCode: 206, headers: { 'content-range': '20-22/23' } })
  const lines = { range: '1-2', accept: 'application/x-ndjson' }
  t.equal((await send('GET', '/thing', undefined, lines)).body.split('\n').length, 3)
  const ranged = await send('GET', '/thing', undefined, { range: '0-3' })
  t.match(ranged.headers.link, /limit=4/, 'the next page is as long')

  const grouped = await follow('/thing?select=name,size,count()&limit=4')
  t.equal(grouped.flat().length, new Set(rows.map(({ name, size }) => `${name} ${size}`)).size)
  t.equal(new Set(grouped.flat().map((group) => JSON.stringify(group))).size, grouped.flat().length)

  for (const search of [
    'limit=-1',
    'limit=x',
    'limit=1.5',
    'limit=',
    'offset=-1',
    'offset=1e3',
    'limit=1&limit=2',
  ]) {
    t.equal((await send('GET', `/thing?${search}`)).statusCode, 400, search)
  }

  t.same(idsOf((await follow('/thing')).flat()), idsOf(made), 'oldest first')
  const orders = ['', 'size', 'size.desc', 'size.asc.nullsfirst', 'size.desc.nullslast', 'name,size.desc']
  orders.push('name.desc.nullslast', 'created_at.desc', 'size,name', 'id.desc')
  for (const order of orders) {
    const whole = (await send('GET', `/thing?limit=10&order=${order}`)).json()
    for (const limit of [1, 4, 10]) {
      const pages = await follow(`/thing/?limit=${limit}&order=${order}`)
      const ids = idsOf(pages.flat())
      t.equal(new Set(ids).size, rows.length, `${order} in pages of ${limit}: each record once`)
      t.same(ids.slice(0, 10), idsOf(whole))
      t.equal(pages.length, Math.ceil(rows.length / limit))
    }
  }
  const filtered = await follow('/thing?size=not.is.null&order=size.desc&limit=2&select=id,size')
  t.same(Object.keys(filtered[0]?.[0] ?? {}), ['id', 'size'], 'the rest of the query goes along')
  t.equal(filtered.flat().length, 17)

  t.equal(
    (await follow('/thing?name=eq.b?%26%3D%23&limit=2')).flat().length,
    5,
    'question marks are values too',
  )
  t.equal((await follow('/thing?name=neq.<b>&limit=2')).flat().length, 19, 'so are angle brackets')

  const { link } = (await send('GET', '/thing?limit=2&order=size')).headers
  const next = /^<(.*)>/.exec(String(link))?.[1] ?? ''
  const cursor = new URLSearchParams(next.split('?')[1]).get('cursor')
  t.equal((await send('GET', `${next}&offset=1`)).statusCode, 400, 'a cursor has its own place')
  t.equal((await send('GET', `/thing?cursor=${cursor}`)).statusCode, 400, 'another order')
  t.equal((await send('GET', `/thing?order=size&cursor=${cursor}&limit=7`)).statusCode, 200, 'another size')
  for (const forged of [
    'x',
    '',
    'W10',
    Buffer.from('["a","b"]').toString('base64url'),
    `${cursor}x`,
    '%00',
  ]) {
    t.equal((await send('GET', `/thing?order=size&cursor=${forged}`)).statusCode, 400, forged)
  }
  await send('POST', '/thing', rows.slice(0, 3))
  await send('DELETE', `/thing/${made[0].id}`)
  t.equal((await send('GET', next)).statusCode, 200, 'records may come and go meanwhile')
})
