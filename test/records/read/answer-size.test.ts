// Answers that would be huge are refused while they are put together, in the database, whatever makes them so: aliases,
// related lists, related records, groups. The server goes on.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../../support/app.ts'

const TEXT = 'x'.repeat(950_000)
const COMMENTS = 34

const aliases = (count: number, field = 't') => Array.from({ length: count }, (_, n) => `a${n}:${field}`)

t.test('an answer of more than 32 MiB', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas/', {
    entity_name: 'post',
    fields: [{ name: 't', type: 'text' }],
  })
  await send('POST', '/schemas/', {
    entity_name: 'comment',
    fields: [
      { name: 't', type: 'text' },
      { name: 'post', type: 'relation', entity: 'post' },
      { name: 'other', type: 'relation', entity: 'post' },
    ],
  })
  const post = (await send('POST', '/post/', { t: TEXT })).json().id
  const made = await Promise.all(
    Array.from({ length: COMMENTS }, () => send('POST', '/comment/', { t: TEXT, post, other: post })),
  )
  const comment = made[0]?.json().id
  const embeds = Array.from({ length: 18 }, (_, n) => `p${n}:post!post(${aliases(4).join(',')})`)

  const refused = [
    ['a related list of repeated fields', `/post/?select=comment!post(${aliases(18).join(',')})`],
    ['a related list by itself', '/post/?select=comment!post(t,again:t)'],
    ['the same of one record', `/post/${post}?select=comment!post(${aliases(18).join(',')})`],
    ['one record with a field repeated', `/post/${post}?select=${aliases(100).join(',')}`],
    ['a list of such', `/comment/?select=${aliases(40).join(',')}`],
    ['related records, repeated', `/comment/${comment}?select=${embeds.join(',')}`],
    [
      'related records among the members',
      `/comment/${comment}?select=...post!post(${aliases(100).join(',')})`,
    ],
    [
      'a related list of very often repeated fields',
      `/post/${post}?select=comment!post(${aliases(900).join(',')})`,
    ],
    ['lists in lists', '/comment/?select=t,post!post(comment!post(t,post!post(comment!post(t))))'],
    ['an aggregate, repeated', `/comment/?select=${aliases(300, 't.max()').join(',')}`],
    ['groups', `/comment/?select=${aliases(40).join(',')},count()`],
    ['one record as CSV', `/comment/?select=${aliases(100).join(',')}`, { accept: 'text/csv' }],
  ] as const
  for (const [name, url, headers = {}] of refused)
    t.test(name, async (t) => {
      const answer = await send('GET', url, undefined, headers)
      t.match(answer, { statusCode: 400 })
      t.match(answer.json(), { code: 'answer_too_large' })
      t.equal((await send('GET', '/health/ready')).statusCode, 200)
    })

  t.test('what fits is answered', async (t) => {
    const fitting = await send('GET', `/comment/${comment}?select=${aliases(16).join(',')},post(t)`)
    t.equal(fitting.json().a15, TEXT)
    t.equal(fitting.json().post.t, TEXT)
    const heavy = await send('GET', `/comment/${comment}?select=${aliases(30).join(',')}`)
    t.equal(Object.keys(heavy.json()).length, 30)
    const list = await send('GET', '/post/?select=id,comment!post(t)&comment.limit=30')
    t.equal(list.json()[0].comment.length, 30)
  })

  t.test('the database has not put it together', async (t) => {
    const { default: pg } = await import('pg')
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    t.teardown(() => client.end())
    const { rows } = await client.query(
      'select temp_bytes::float8 as bytes from pg_stat_database where datname = current_database()',
    )
    t.ok(rows[0].bytes < 256 * 2 ** 20, 'nor written it to the disk')
  })
})
