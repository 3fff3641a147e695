// Values of filters that compare lists or go by the clock, lists spread from related records, and orders by their number.
import t from 'tap'
import { mentionsRelativeMoment } from '../../lib/fields/relative-moment.ts'
import { asAdmin, startWithAdmin } from '../support/app.ts'

const DAY = 86_400_000

async function start(test: typeof t) {
  const { app } = await startWithAdmin(test)
  const send = await asAdmin(app)
  const names = async (url: string) => {
    const answer = await send('GET', url)
    test.equal(answer.statusCode, 200, `${url}: ${answer.body.slice(0, 200)}`)
    return answer.json().map(({ name }: { name: string }) => name)
  }
  return { send, names }
}

t.test('lists are compared as a whole', async (t) => {
  const { send, names } = await start(t as never)
  const fields = [
    { name: 'name', type: 'string' },
    { name: 'tags', type: 'array', items: { type: 'string' } },
    { name: 'dice', type: 'array', items: { type: 'integer' } },
    { name: 'prices', type: 'array', items: { type: 'decimal' } },
    { name: 'kinds', type: 'enum', values: ['s', 'm'], many: true },
  ]
  await send('POST', '/schemas', { entity_name: 'thing', fields })
  await send('POST', '/thing', [
    { name: 'a', tags: ['x', 'y'], dice: [1, 2], prices: ['1.50'], kinds: ['s'] },
    { name: 'b', tags: ['y', 'x'], dice: [], kinds: ['s', 'm'] },
    { name: 'c', tags: ['x'], dice: [1] },
    { name: 'd' },
  ])
  const scenarios: [string, string[]][] = [
    ['tags=eq.{x,y}', ['a']],
    ['tags=eq.["y","x"]', ['b']],
    ['tags=neq.{x,y}', ['b', 'c']],
    ['tags=not.eq.{x,y}', ['b', 'c']],
    ['tags=isdistinct.{x,y}', ['b', 'c', 'd']],
    ['tags=in.("{x,y}","{x}")', ['a', 'c']],
    ['tags=eq(any).{"{x}","{y,x}"}', ['b', 'c']],
    ['dice=eq.{}', ['b']],
    ['dice=eq.{1,2}', ['a']],
    ['prices=eq.{1.5}', ['a']],
    ['kinds=eq.{s,m}', ['b']],
    ['or=(tags.eq.{x,y},tags.eq."{x}")', ['a', 'c']],
  ]
  for (const [query, expected] of scenarios) t.strictSame(await names(`/thing?${query}`), expected, query)
  for (const query of ['tags=eq.x', 'dice=eq.{x}', 'kinds=eq.{xl}', 'order=tags', 'tags=gt.{x}'])
    t.equal((await send('GET', `/thing?${query}`)).statusCode, 400, query)
})

t.test('lists and documents are compared in their stored form', async (t) => {
  const { send, names } = await start(t as never)
  const fields = [
    { name: 'name', type: 'string' },
    { name: 'prices', type: 'array', items: { type: 'decimal', precision: 8, scale: 2 } },
    { name: 'grid', type: 'array', items: { type: 'array', items: { type: 'decimal', scale: 1 } } },
    { name: 'days', type: 'array', items: { type: 'date' } },
    { name: 'values', type: 'array', items: { type: 'json' } },
    {
      name: 'lines',
      type: 'array',
      items: {
        type: 'object',
        fields: [
          { name: 'price', type: 'decimal', scale: 2 },
          { name: 'at', type: 'datetime' },
          { name: 'unit', type: 'string', default: 'kg' },
        ],
      },
    },
    { name: 'place', type: 'object', fields: [{ name: 'since', type: 'datetime' }] },
  ]
  await send('POST', '/schemas', { entity_name: 'thing', fields })
  const [today] = new Date().toISOString().split('T')
  const made = await send('POST', '/thing', [
    {
      name: 'a',
      prices: ['1', '2.5'],
      grid: [['1'], ['2.0', '3']],
      days: [today],
      values: [1, 'a', null],
      lines: [{ price: '2.5', at: '2026-01-01T01:00:00+01:00' }],
      place: { since: '2026-01-01T01:00:00+01:00' },
    },
    { name: 'b', prices: ['2.5', '1'], values: [{ a: 1 }, 'b'] },
  ])
  t.equal(made.statusCode, 201, made.body)
  const scenarios: [string, string[]][] = [
    ['prices=eq.{1.00,2.50}', ['a']],
    ['prices=eq.{1,2.5}', ['a']],
    ['prices=eq.["1.0","2.500"]', ['a']],
    ['prices=neq.{1,2.5}', ['b']],
    ['prices=in.("{1,2.5}","{2.5,1}")', ['a', 'b']],
    ['prices=cs.{2.5}', ['a', 'b']],
    ['prices=cs.{2.555}', []],
    ['prices=cd.{1,2.5,3}', ['a', 'b']],
    ['prices=ov.{1.000}', ['a', 'b']],
    ['grid=eq.[["1.00"],["2","3"]]', ['a']],
    ['grid=cs.{"[\\"2\\",\\"3.00\\"]"}', ['a']],
    ['days=cs.{today}', ['a']],
    ['values=eq.[1,"a",null]', ['a']],
    ['values=cs.["b"]', ['b']],
    ['values=cs.[{"a":1}]', ['b']],
    ['values=ov.[null]', ['a']],
    ['lines=cs.[{"price":"2.500"}]', ['a']],
    ['lines=cs.[{"at":"2026-01-01"}]', ['a']],
    ['lines=eq.[{"price":"2.5","at":"2026-01-01T00:00:00Z","unit":"kg"}]', ['a']],
    ['place=cs.{"since":"2026-01-01T02:00:00%2B02:00"}', ['a']],
  ]
  for (const [query, expected] of scenarios) t.strictSame(await names(`/thing?${query}`), expected, query)
})

t.test('moments may be relative to now', async (t) => {
  const { send, names } = await start(t as never)
  const fields = [
    { name: 'name', type: 'string' },
    { name: 'day', type: 'date' },
    { name: 'at', type: 'datetime' },
  ]
  await send('POST', '/schemas', { entity_name: 'thing', fields })
  const at = (days: number) => new Date(Date.now() + days * DAY).toISOString()
  const day = (days: number) => at(days).slice(0, 10)
  await send('POST', '/thing', [
    { name: 'old', day: day(-40), at: at(-40) },
    { name: 'late', day: day(-3), at: at(-3) },
    { name: 'now', day: day(0), at: at(-0.0001) },
    { name: 'soon', day: day(1), at: at(1) },
  ])
  const scenarios: [string, string[]][] = [
    ['at=gt.now', ['soon']],
    ['at=lt.now', ['old', 'late', 'now']],
    ['at=gt.now-7d', ['late', 'now', 'soon']],
    ['at=gt.now-1w&at=lt.now-1h', ['late']],
    ['at=lt.now-1mo', ['old']],
    ['at=gt.now-1y', ['old', 'late', 'now', 'soon']],
    ['at=gt.now%2B1h', ['soon']],
    ['at=gt.now+1h', ['soon']],
    ['at=lt.today', ['old', 'late']],
    ['day=eq.today', ['now']],
    ['day=eq.today%2B1d', ['soon']],
    ['day=gte.today-7d&day=lt.today', ['late']],
    ['day=in.(today,today-3d)', ['late', 'now']],
    ['day=eq.now', ['now']],
    ['or=(day.eq.TODAY,at.lt.now-30d)', ['old', 'now']],
    ['created_at=gt.now-1h', ['old', 'late', 'now', 'soon']],
    ['created_at=gt.now+90m', []],
    ['name=eq.now', ['now']],
  ]
  for (const [query, expected] of scenarios) t.strictSame(await names(`/thing?${query}`), expected, query)
  for (const query of [
    'at=gt.now-7',
    'at=gt.now-7x',
    'at=gt.yesterday',
    'day=eq.now-999999y',
    'name=gt.1&at=eq.nowish',
  ])
    t.match((await send('GET', `/thing?${query}`)).json(), { status: 400, code: 'invalid_value' }, query)
  t.equal((await send('POST', '/thing', { at: 'now' })).statusCode, 400, 'a body takes none')
})

t.test('a plan that goes by the clock is made for each request', async (t) => {
  for (const text of ['now', 'today-7d', '{2026-01-01,today}', '["now-1h"]'])
    t.ok(mentionsRelativeMoment(text), text)
  for (const text of ['nowhere', '{nowhere}', 'is now']) t.notOk(mentionsRelativeMoment(text), text)
  const { send, names } = await start(t as never)
  await send('POST', '/schemas', { entity_name: 'thing', fields: [{ name: 'name', type: 'string' }] })
  for (const name of ['a', 'b', 'c']) {
    await send('POST', '/thing', { name })
    t.equal((await names('/thing?updated_at=lte.now&order=id')).at(-1), name)
  }
})

t.test('lists of related records, and orders by their number', async (t) => {
  const { send, names } = await start(t as never)
  const article = [
    { name: 'title', type: 'string' },
    { name: 'tags', type: 'relation', entity: 'tag', many: true },
    { name: 'author', type: 'relation', entity: 'author' },
    { name: 'public', type: 'boolean' },
  ]
  await send('POST', '/schemas', { entity_name: 'tag', fields: [{ name: 'label', type: 'string' }] })
  await send('POST', '/schemas', { entity_name: 'author', fields: [{ name: 'name', type: 'string' }] })
  await send('POST', '/schemas', { entity_name: 'article', fields: article })
  const tags = (
    await send(
      'POST',
      '/tag',
      ['b', 'a', null].map((label) => ({ label })),
    )
  ).json()
  const authors = (
    await send(
      'POST',
      '/author',
      ['Ann', 'Bob', 'Cy', 'Di'].map((name) => ({ name })),
    )
  ).json()
  const idOf = ({ id }: { id: string }) => id
  const by = (at: number, title: string, more = {}) => ({
    title,
    author: authors[at].id,
    public: true,
    ...more,
  })
  await send('POST', '/article', [
    by(1, 'One', { tags: tags.map(idOf) }),
    by(1, 'Two', { tags: [tags[1].id], public: false }),
    by(2, 'Three'),
  ])

  const spread = async (query: string) => (await send('GET', `/article?${query}`)).json()
  t.strictSame(await spread('select=title,...tags(label)&order=title'), [
    { title: 'One', label: ['b', 'a', null] },
    { title: 'Three', label: [] },
    { title: 'Two', label: ['a'] },
  ])
  t.strictSame(
    await spread('select=title,...tags(names:label,id)&tags.order=label&tags.limit=1&title=eq.One'),
    [{ title: 'One', names: ['a'], id: [tags[1].id] }],
  )
  t.strictSame(await spread('select=title,...tags!inner(label)&tags.label=eq.b'), [
    { title: 'One', label: ['b'] },
  ])
  t.equal((await spread('select=label,...tags(label)')).status, 400)
  const csv = await send('GET', '/article?select=title,...tags(label)&title=eq.Two', undefined, {
    accept: 'text/csv',
  })
  t.match(csv.body, /^title,label\r?\nTwo,"\[""a""\]"\r?\n?$/)
  t.strictSame(
    (await send('GET', '/author?select=name,...article(title,...tags(label))&name=eq.Bob')).json(),
    [{ name: 'Bob', title: ['One', 'Two'], label: [['b', 'a', null], ['a']] }],
  )

  t.strictSame(await names('/author?order=article(count).desc,name'), ['Bob', 'Cy', 'Ann', 'Di'])
  t.strictSame(await names('/author?order=article(count),name.desc'), ['Di', 'Ann', 'Cy', 'Bob'])
  t.strictSame(
    await names('/author?select=name,article()&article.public=is.false&order=article(count).desc,name'),
    ['Bob', 'Ann', 'Cy', 'Di'],
    'as far as they pass the filters',
  )
  const paged: string[] = []
  let url: string | undefined = '/author?select=name&order=article(count).desc,name&limit=1'
  while (url !== undefined) {
    const page = await send('GET', url)
    paged.push(page.json()[0].name)
    url = /<(.+)>/.exec(String(page.headers.link ?? ''))?.[1]
  }
  t.strictSame(paged, ['Bob', 'Cy', 'Ann', 'Di'])
  t.equal((await send('GET', '/author?order=nothing(count)')).statusCode, 400)
  t.equal((await send('GET', '/author?order=article(title)')).statusCode, 400)
})
