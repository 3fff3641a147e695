// A write and a change of the schema at the same time, step by step: whatever a writer had begun under the old definition
// counts when the new one is decided, and whatever begins later is decided by the new one.

import pg from 'pg'
import t from 'tap'
import { asAdmin, startApp, startWithAdmin } from '../../support/app.ts'
import { until } from '../../support/until.ts'

type Send = Awaited<ReturnType<typeof asAdmin>>

/** A writer in the middle of its transaction: what the server's own statements do, one at a time. */
async function slowWriter(url: string, entity: { tenant_id: string; id: string }) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query('begin')
  await client.query('select pg_advisory_xact_lock_shared($1)', [entity.id])
  const insert = (id: string, data: object) =>
    client.query('insert into record (tenant_id, entity_id, id, data) values ($1, $2, $3, $4)', [
      entity.tenant_id,
      entity.id,
      id,
      data,
    ])
  const update = (id: string, data: object) =>
    client.query('update record set data = $2 where id = $1', [id, data])
  const finish = async (how: 'commit' | 'rollback') => {
    await client.query(how)
    await client.end()
  }
  return { insert, update, finish }
}

const id = (n: number) => `01980000-0000-7000-8000-${String(n).padStart(12, '0')}`

const fields = (value: object = {}, code: object = {}) => ({
  fields: [
    { name: 'value', type: 'integer', ...value },
    { name: 'code', type: 'string', ...code },
  ],
})

t.test('a write in the middle of a change', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const there = await asAdmin(await startApp(t, database))
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  t.teardown(() => owner.end())

  /** Resolves when something waits for a lock of the kind. */
  function untilWaits(locktype: string): Promise<boolean> {
    const text = 'select 1 from pg_locks where not granted and locktype = any($1)'
    return until(async () => (await owner.query(text, [locktype.split(' ')])).rowCount !== 0, locktype)
  }

  let entities = 0
  async function newEntity() {
    const entity_name = `thing${entities++}`
    await send('POST', '/schemas', { entity_name, ...fields() })
    await send('POST', `/${entity_name}`, [{ value: 1, code: 'a' }, { value: 2 }])
    const { rows } = await owner.query('select tenant_id, id from entity where name = $1', [entity_name])
    const [first] = (await send('GET', `/${entity_name}`)).json()
    return { url: `/${entity_name}`, schema: `/schemas/${entity_name}`, row: rows[0], first: first.id }
  }

  const late: [name: string, change: object, data: object, keyword: string][] = [
    ['too large', fields({ max: 5 }), { value: 6 }, 'maximum'],
    ['without what becomes required', fields({ required: true }), { code: 'x' }, 'required'],
    ['twice', fields({}, { unique: true }), { code: 'a' }, 'unique'],
  ]
  for (const [name, change, data, keyword] of late) {
    for (const when of ['after the first look', 'before it, but not committed']) {
      await t.test(`a record ${name}, inserted ${when}, refuses the change`, async (t) => {
        const { url, schema, row } = await newEntity()
        const writer = await slowWriter(database.url, row)
        const early = when !== 'after the first look'
        if (early) await writer.insert(id(1), data)
        // A transaction that is younger than the writer's and done before it.
        await send('POST', url, { value: 3 })
        const put = send('PUT', schema, change)
        await untilWaits('advisory')
        if (!early) await writer.insert(id(1), data)
        await writer.finish('commit')
        const answer = await put
        t.match(answer.json(), { status: 409, errors: [{ keyword }] }, answer.body)
        t.equal((await send('POST', url, { value: 7, code: 'a' })).statusCode, 201, 'all is as before')
      })
    }
  }

  await t.test('so does a record that was changed', async (t) => {
    const { schema, row, first } = await newEntity()
    const writer = await slowWriter(database.url, row)
    const put = send('PUT', schema, fields({ max: 5 }))
    await untilWaits('advisory')
    await writer.update(first, { value: 6 })
    await writer.finish('commit')
    t.match((await put).json(), { status: 409, errors: [{ keyword: 'maximum', message: new RegExp(first) }] })
  })

  await t.test('a record that was not committed after all refuses nothing', async (t) => {
    const { schema, row } = await newEntity()
    const writer = await slowWriter(database.url, row)
    await writer.insert(id(2), { value: 6 })
    const put = send('PUT', schema, fields({ max: 5 }))
    await untilWaits('advisory')
    await writer.finish('rollback')
    t.equal((await put).statusCode, 200)
  })

  await t.test('a record inserted meanwhile is filled and made unique like all others', async (t) => {
    const { url, schema, row } = await newEntity()
    const writer = await slowWriter(database.url, row)
    const more = { name: 'more', type: 'integer', required: true, default: 7 }
    const change = { fields: [...fields({}, { unique: true }).fields, more] }
    const put = send('PUT', schema, change)
    await untilWaits('advisory')
    await writer.insert(id(3), { code: 'late' })
    await writer.finish('commit')
    t.equal((await put).statusCode, 200)
    t.equal((await send('GET', `${url}/${id(3)}`)).json().more, 7)
    t.equal((await send('POST', url, { code: 'late' })).statusCode, 409)
    t.equal((await send('GET', `${url}?more=eq.7`)).json().length, 3)
  })

  await t.test('a write that comes while the change is made is decided by the new definition', async (t) => {
    for (const writer of [send, there] as Send[]) {
      const { url, schema, row, first } = await newEntity()
      await writer('GET', url)
      await owner.query('begin')
      await owner.query('select from entity where id = $1 for update', [row.id])
      const put = send('PUT', schema, fields({ max: 5 }))
      await untilWaits('transactionid tuple')
      const writes = [writer('POST', url, { value: 6 }), writer('PATCH', `${url}/${first}`, { value: 6 })]
      await untilWaits('advisory')
      await owner.query('commit')
      t.equal((await put).statusCode, 200)
      for (const { statusCode } of await Promise.all(writes)) t.equal(statusCode, 400)
      t.same((await send('GET', `${url}?value=gt.5`)).json(), [])
    }
  })

  await t.test('of two changes at once the second is made on what the first has left', async (t) => {
    const { schema } = await newEntity()
    const changes = [1, 2, 3, 4].map((n) =>
      (n % 2 ? send : there)('PUT', schema, {
        fields: [
          ...fields().fields,
          { name: `f${n}`, type: 'integer', indexed: true, required: true, default: n },
        ],
      }),
    )
    const versions = (await Promise.all(changes)).map((answer) => answer.json().version)
    t.same(versions.sort(), [2, 3, 4, 5])
    const { etag } = (await send('GET', schema)).headers
    const both = await Promise.all(
      [send, there].map((by) => by('PUT', schema, fields(), { 'if-match': String(etag) })),
    )
    t.same(both.map(({ statusCode }) => statusCode).sort(), [200, 412], 'If-Match lets one through')
  })
})
