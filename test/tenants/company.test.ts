// Writes of many tenants at once share transactions. Each is stored once, in its own tenant, whatever the others do:
// values taken, schemas changed, rows locked by strangers.

import pg from 'pg'
import t, { type Test } from 'tap'
import { as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'
import { onStatements } from '../support/sent-statements.ts'

const TENANTS = 12

const PASSWORD = 'a password'

const NOTE = {
  entity_name: 'note',
  fields: [
    { name: 'title', type: 'string', unique: true },
    { name: 'n', type: 'integer', min: 0 },
  ],
}

type App = Awaited<ReturnType<typeof startWithAdmin>>['app']

async function furnish(app: App, name: string) {
  const operator = await asAdmin(app)
  const made = await operator('POST', '/tenants', { name, admin: { username: 'admin', password: PASSWORD } })
  const { access_token: token } = await signIn(app, `${name}/admin`, PASSWORD)
  const send = as(app, token)
  await send('POST', '/schemas/', NOTE)
  const first = await send('POST', '/note/', { title: 'taken', n: 0 })
  return { id: made.json().id as string, name, send, first: first.json().id as string }
}

/** How many tenants each transaction writes for. */
function countVisits(t: Test): number[] {
  const counts: number[] = []
  onStatements(t, (sent) => {
    counts.push(sent.filter(({ name }) => name?.startsWith('enter_write')).length)
  })
  return counts
}

t.test('writes of many tenants at once', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const tenants = await Promise.all(Array.from({ length: TENANTS }, (_, n) => furnish(app, `tenant-${n}`)))
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  const stored = async () => {
    const { rows } = await client.query<{ tenant: string; titles: string[] }>(
      `select tenant_id::text as tenant, array_agg(data->>'title' order by data->>'title') as titles
        from record where entity_id > 0 group by 1`,
    )
    return new Map(rows.map(({ tenant, titles }) => [tenant, titles]))
  }
  const status = ({ statusCode }: { statusCode: number }) => statusCode

  await t.test('share transactions, each stored once and in its own tenant', async (t) => {
    const visits = countVisits(t)
    const answers = await Promise.all(
      tenants.map(({ send, name }) => send('POST', '/note/', { title: `only of ${name}`, n: 1 })),
    )
    t.same(
      answers.map(status),
      tenants.map(() => 201),
    )
    t.ok(Math.max(...visits) > 1, `tenants of each transaction: ${visits}`)
    const titles = await stored()
    for (const { id, name } of tenants) t.same(titles.get(id), [`only of ${name}`, 'taken'])
  })

  await t.test('one that is refused, or meets a new schema, takes none with it', async (t) => {
    const work = tenants.flatMap(({ send, name }, at) => [
      send('POST', '/note/', { title: at % 3 === 0 ? 'taken' : `second of ${name}`, n: 2 }),
      ...(at % 4 === 1 ? [send('PUT', '/schemas/note', { ...NOTE, label: name })] : []),
      send('POST', '/note/', { title: `third of ${name}`, n: 3 }),
    ])
    const counts = new Map<number, number>()
    for (const code of (await Promise.all(work)).map(status)) counts.set(code, (counts.get(code) ?? 0) + 1)
    t.same(Object.fromEntries(counts), { 200: 3, 201: 2 * TENANTS - 4, 409: 4 })
    const titles = await stored()
    for (const [at, { id, name }] of tenants.entries()) {
      const second = at % 3 === 0 ? [] : [`second of ${name}`]
      t.same(titles.get(id), [`only of ${name}`, ...second, 'taken', `third of ${name}`])
    }
  })

  await t.test('one that has to wait for a lock keeps none waiting', async (t) => {
    const [held, ...others] = tenants as [(typeof tenants)[0], ...typeof tenants]
    await client.query('begin')
    await client.query('select from record where tenant_id = $1 and id = $2 for update', [
      held.id,
      held.first,
    ])
    const waiting = held.send('PATCH', `/note/${held.first}`, { n: 9 })
    const answers = await Promise.all(
      others.map(({ send, first }) => send('PATCH', `/note/${first}`, { n: 8 })),
    )
    t.same(
      answers.map(status),
      others.map(() => 200),
    )
    await client.query('commit')
    t.match((await waiting).json(), { n: 9 })
  })
})
