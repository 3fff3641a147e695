// Lists of large records: an answer that would not fit into memory is refused, with what to do instead, and harms nobody.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../app.ts'

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
