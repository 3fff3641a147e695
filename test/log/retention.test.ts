// How long changes are kept: each by what its entity asked for when it was made.
import t from 'tap'
import { startLogged } from '../support/log/articles.ts'
import { until } from '../support/until.ts'

const entity = (entity_name: string, asks: object) => ({
  entity_name,
  ...asks,
  fields: [{ name: 'a', type: 'integer' }],
})

t.test('changes are kept for two days, 30 days, a year or for ever', async (t) => {
  const { app, send, client } = await startLogged(t)
  const asks = {
    feeding: { feed: true },
    monthly: { history: { keep: '30d' } },
    yearly: { history: true },
    lasting: { history: { keep: 'forever' } },
  }
  for (const [name, asked] of Object.entries(asks)) await send('POST', '/schemas', entity(name, asked))
  const kept = async (age: string) => {
    for (const name of Object.keys(asks)) await send('POST', `/${name}`, { a: 1 })
    await client.query(`update change set at = now() - $1::interval where at > now() - interval '1 hour'`, [
      age,
    ])
    await app.logRetention.run()
    const { rows } = await client.query(
      `select distinct e.name from change c join entity e on e.id = c.entity_id where c.at < now() - interval '1 hour' order by 1`,
    )
    return rows.map(({ name }) => name)
  }
  t.strictSame(await kept('1 day'), ['feeding', 'lasting', 'monthly', 'yearly'])
  await client.query('delete from change; delete from change_sweep')
  t.strictSame(await kept('3 days'), ['lasting', 'monthly', 'yearly'])
  await client.query('delete from change; delete from change_sweep')
  t.strictSame(await kept('31 days'), ['lasting', 'yearly'])
  await client.query('delete from change; delete from change_sweep')
  t.strictSame(await kept('366 days'), ['lasting'])
})

t.test('a sweep goes on where the last one has ended', async (t) => {
  const { app, send, client } = await startLogged(t)
  await send('POST', '/schemas', entity('feeding', { feed: true }))
  const rows = Array.from({ length: 1000 }, (_, a) => ({ a }))
  for (let at = 0; at < 6; at++) await send('POST', '/feeding', rows)
  await client.query(`update change set at = now() - interval '3 days'`)
  await app.logRetention.run()
  t.equal((await client.query('select from change')).rowCount, 0)
  await send('POST', '/feeding', { a: 1 })
  await app.logRetention.run()
  t.equal((await client.query('select from change')).rowCount, 1)
})

t.test('old ticks go, the last one stays', async (t) => {
  const { app, send, client } = await startLogged(t)
  for (let at = 0; at < 3; at++) {
    await send('POST', '/article', { title: 'a' })
    await send('GET', '/article/changes')
  }
  const count = async () => (await client.query('select from tick')).rowCount ?? 0
  t.ok((await count()) >= 3)
  await client.query(`update tick set at = at - interval '3 days'`)
  await app.logRetention.run()
  t.equal(await count(), 1)
})

t.test('an entity and a field that are purged leave nothing in the log', async (t) => {
  const { app, send, client } = await startLogged(t)
  const { id } = (await send('POST', '/article', { title: 'a', code: 'gone' })).json()
  await send('PATCH', `/article/${id}`, { code: 'too' })
  await send('DELETE', `/article/${id}`)
  const logged = async () => JSON.stringify((await client.query('select was from change')).rows)
  t.match(await logged(), /gone/)
  const { created_at: _c, updated_at: _u, ...now } = (await send('GET', '/schemas/article')).json()
  const fields = now.fields.filter(({ name }: { name: string }) => name !== 'code')
  t.equal((await send('PUT', '/schemas/article', { ...now, fields })).statusCode, 200)
  const purged = await send('POST', '/schemas/article/purge', { fields: ['code'] })
  t.ok(purged.statusCode < 300, purged.body)
  await app.purges.run()
  t.notMatch(await logged(), /gone|too/)
  t.equal((await send('DELETE', '/schemas/article?purge=true')).statusCode < 300, true)
  await until(async () => {
    await app.purges.run()
    return (await client.query('select from change')).rowCount === 0
  }, 'the log is purged')
  t.equal((await client.query('select from logged_entity')).rowCount, 0)
})
