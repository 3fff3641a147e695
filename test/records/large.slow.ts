// Lists of large records: an answer that would not fit into memory is refused, with what to do instead, and harms nobody.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { versionOf } from '../support/records/versions.ts'

t.test(
  'a page of more than 32 MiB is refused; a shorter page, a part of each record and a stream are not',
  async (t) => {
    const { app } = await startWithAdmin(t)
    const send = await asAdmin(app)
    const fields = [
      { name: 'title', type: 'string' },
      { name: 'body', type: 'text' },
    ]
    await send('POST', '/schemas/', { entity_name: 'book', fields })
    const body = 'x'.repeat(1_000_000)
    for (let n = 0; n < 36; n++) await send('POST', '/book/', { title: `book ${n}`, body })
    const many = Array.from({ length: 5 }, () => send('GET', '/book/?limit=1'))
    const [refused, ...others] = await Promise.all([send('GET', '/book/'), ...many])
    t.match(refused, { statusCode: 400 })
    t.match(refused.json(), { code: 'answer_too_large', hint: /limit.*select.*ndjson/ })
    for (const other of others) t.equal(other.json().length, 1)
    const halves = await Promise.all([1, 2, 3].map((n) => send('GET', `/book/?limit=${n + 17}`)))
    for (const [at, half] of halves.entries())
      t.equal(
        half.json().length,
        at + 18,
        'lists that fit one by one are answered, however many are asked for at once',
      )
    t.equal((await send('GET', '/book/?limit=20')).json().length, 20)
    t.equal((await send('GET', '/book/?select=title')).json().length, 36)
    const stream = await send('GET', '/book/', undefined, { accept: 'application/x-ndjson' })
    t.equal(stream.body.trim().split('\n').length, 36)
  },
)

t.test('many large records are written at once: each once, and each is answered', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const fields = [{ name: 'body', type: 'text' }]
  await send('POST', '/schemas/', { entity_name: 'book', fields })
  const body = 'x'.repeat(1_000_000)
  // The first ones leave alone; those that come while they are under way travel together.
  const made = await Promise.all(Array.from({ length: 50 }, () => send('POST', '/book/', { body })))
  t.same([...new Set(made.map(({ statusCode }) => statusCode))], [201])
  const changes = made.map((one) => send('PATCH', `/book/${one.json().id}`, { body: `${body}y` }))
  await Promise.all(changes)
  const versions = await Promise.all(made.map((one) => versionOf(database, one.json().id)))
  t.same([...new Set(versions)], [2], 'no change is made twice')
  t.match((await send('HEAD', '/book/?limit=0', undefined, { prefer: 'count=exact' })).headers, {
    'content-range': '*/50',
  })
})

t.test('what would be answered with more than 32 MiB is not written', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const fields = Array.from({ length: 500 }, (_, n) => ({ name: `f${n}_${'x'.repeat(58)}`, type: 'string' }))
  await send('POST', '/schemas/', { entity_name: 'wide', fields })
  const count = async () =>
    (await send('HEAD', '/wide/?limit=0', undefined, { prefer: 'count=exact' })).headers['content-range']
  for (const [rows, prefer] of [
    [1000, ''],
    [1500, ''],
    [1500, 'bulk=partial,return=representation'],
  ] as const) {
    const refused = await send('POST', '/wide/', Array(rows).fill({}), { prefer })
    t.match(refused, { statusCode: 400 }, `${rows} rows`)
    t.match(refused.json(), { code: 'answer_too_large', hint: /return=minimal/ })
    t.equal(await count(), '*/0')
  }
  const minimal = await send('POST', '/wide/', Array(1500).fill({}), { prefer: 'return=minimal' })
  t.equal(minimal.statusCode, 201)
  t.equal(await count(), '*/1500')
  const all = await send('PATCH', '/wide/?id=not.is.null', {}, { prefer: 'return=representation' })
  t.match(all.json(), { code: 'answer_too_large' })
})
