// Purges of much data beside writers on two instances: none of them is refused, and what is not purged stays as it was.
import pg from 'pg'
import t, { type Test } from 'tap'
import { asAdmin, startApp, startWithAdmin } from '../../support/app.ts'
import { until } from '../../support/until.ts'

const RECORDS = Number(process.env.UNIVERA_TEST_RECORDS ?? 40_000)

const CLIENTS = 20

const text = (name: string) => ({ name, type: 'string', indexed: true })

async function start(t: Test) {
  const { app, database } = await startWithAdmin(t)
  const instances = [await asAdmin(app), await asAdmin(await startApp(t, database))] as const
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  t.teardown(() => owner.end())
  const fill = (entity: string) =>
    owner.query(
      `insert into record (tenant_id, entity_id, id, data, keys, k1, k2)
       select tenant_id, id, gen_random_uuid(), jsonb_build_object('name', 'n' || n, 'secret', 's' || n),
         jsonb_build_object('name', 'n' || n, 'secret', 's' || n), 'n' || n, 's' || n
       from entity, generate_series(1, $2::int) n where name = $1`,
      [entity, RECORDS],
    )
  const count = async (text: string) =>
    (await owner.query(`select count(*)::int as n from ${text}`)).rows[0].n
  return { app, instances, owner, fill, count }
}

/** Writes through both instances until the work has ended; the answers that refuse. */
async function beside(
  [one, other]: Awaited<ReturnType<typeof start>>['instances'],
  entity: string,
  work: () => Promise<void>,
): Promise<{ refused: string[]; written: number }> {
  const refused: string[] = []
  let written = 0
  let over = false
  const client = async (at: number) => {
    const send = at % 2 === 0 ? one : other
    for (let n = 0; !over; n += 1) {
      const name = `w${at}-${n}`
      const answers = [
        await send('POST', `/${entity}/`, { name }),
        await send('PATCH', `/${entity}/?name=eq.n${1 + ((at * 997 + n) % RECORDS)}`, { other: name }),
        await send('DELETE', `/${entity}/?name=eq.${name}`),
      ]
      for (const { statusCode, body } of answers) if (statusCode >= 400) refused.push(`${statusCode} ${body}`)
      written += 1
    }
  }
  const clients = Array.from({ length: CLIENTS }, (_, at) => client(at))
  await work().finally(() => {
    over = true
  })
  await Promise.all(clients)
  return { refused: [...new Set(refused)].slice(0, 3), written }
}

t.test('dropped fields are purged beside writers', async (t) => {
  const { instances, fill, count } = await start(t)
  const [send] = instances
  const other = { name: 'other', type: 'string' }
  await send('POST', '/schemas/', { entity_name: 'pupil', fields: [text('name'), text('secret'), other] })
  await fill('pupil')
  await send('PUT', '/schemas/pupil', { fields: [text('name'), other] })
  const since = performance.now()
  const { refused, written } = await beside(instances, 'pupil', async () => {
    const { plan } = (await send('POST', '/schemas/pupil/purge?preview=true')).json()
    const answer = await send('POST', `/schemas/pupil/purge?plan=${plan}`)
    t.ok([200, 202].includes(answer.statusCode), answer.body)
    await until(async () => (await count('field_purge')) === 0, 'the purge is done')
  })
  t.comment(`${RECORDS} records in ${Math.round(performance.now() - since)} ms, beside ${written} rounds`)
  t.strictSame(refused, [])
  t.ok(written > CLIENTS)
  t.equal(await count(`record where data ? 'secret' or keys ? 'secret' or k2 is not null`), 0)
  t.equal(await count(`record where data->>'name' = k1 and entity_id <> 0`), RECORDS)
})

t.test('an entity is deleted, brought back and purged beside writers of another', async (t) => {
  const { app, instances, fill, count } = await start(t)
  const [send] = instances
  for (const entity_name of ['pupil', 'note'])
    await send('POST', '/schemas/', { entity_name, fields: [text('name'), text('other')] })
  await fill('pupil')
  const timed = async (what: string, answer: () => ReturnType<typeof send>, status: number) => {
    const since = performance.now()
    const { statusCode, body } = await answer()
    t.comment(`${what}: ${Math.round(performance.now() - since)} ms`)
    t.equal(statusCode, status, body)
  }
  const { refused } = await beside(instances, 'note', async () => {
    await timed('delete', () => send('DELETE', '/schemas/pupil'), 204)
    await timed('undelete', () => send('POST', '/schemas/pupil/undelete'), 200)
    t.equal(await count(`record where data ? 'secret'`), RECORDS)
    const since = performance.now()
    await timed('purge, as answered', () => send('DELETE', '/schemas/pupil?purge=true'), 204)
    await app.purges.run()
    t.comment(`purge: ${Math.round(performance.now() - since)} ms`)
  })
  t.strictSame(refused, [])
  t.equal(await count(`record where data ? 'secret'`), 0)
  t.equal(await count(`entity where name = 'pupil'`), 0)
})
