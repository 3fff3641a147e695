// What a write reads at once is bounded in bytes, whatever the number and the size of the records.

import pg from 'pg'
import t, { type Test } from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { onStatements } from '../support/sent-statements.ts'

const MEBIBYTE = 2 ** 20

const SIZE = 950_000

/** Bytes of a batch: 8 MiB of documents and what stands around them. */
const MOST = 8.5 * MEBIBYTE

const DEFINITION = {
  entity_name: 'doc',
  fields: [
    { name: 't', type: 'text' },
    { name: 'n', type: 'integer' },
    { name: 'code', type: 'string' },
    { name: 'of', type: 'relation', entity: 'target', on_delete: 'set_null' },
  ],
  unique: [['n', 'code']],
}

/** Records of 950,000 characters, copied from one inside the database. */
async function startLarge(t: Test, count: number) {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)
  await send('POST', '/schemas', { entity_name: 'target', fields: [] })
  const defined = await send('POST', '/schemas', DEFINITION)
  if (defined.statusCode !== 201) throw new Error(defined.body)
  await send('POST', '/doc', { t: 'x' })
  const client = new pg.Client(database.url)
  await client.connect()
  const key = defined.json().fields[0].key ?? 't'
  await client.query(`set search_path to ${database.schema ?? 'public'}`)
  const { rows } = await client.query('select data from record')
  const [name = key] = Object.keys(rows[0].data)
  await client.query(
    `insert into record (tenant_id, entity_id, id, data)
     select tenant_id, entity_id, ('01980000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
       jsonb_build_object($1::text, repeat('a', ${SIZE})) from record, generate_series(1, $2) n`,
    [name, count],
  )
  await client.query("delete from record where data->>$1 = 'x'", [name])
  await client.end()
  return { app, send }
}

/** The largest statement that is sent, and the most records whose data one asks for. */
function watch(t: Test) {
  const seen = { bytes: 0, records: 0, batches: 0 }
  onStatements(t, (sent) => {
    for (const { text = '', values = [] } of sent) {
      const size = values.reduce<number>((sum, value) => sum + String(value ?? '').length, 0)
      seen.bytes = Math.max(seen.bytes, size)
      if (!/select (r\.)?id, (r\.)?data/.test(text)) continue
      seen.batches += 1
      const [ids = []] = values.filter(Array.isArray)
      seen.records = Math.max(seen.records, ids.length)
    }
  })
  return seen
}

/** Enough for several batches, and for more than one answer may hold. */
const COUNT = 60

t.test('large records', async (t) => {
  const { send } = await startLarge(t, COUNT)
  const [one, two] = (await send('POST', '/target', [{}, {}])).json()
  const all = '/doc?id=not.is.null'

  const bounded = (seen: ReturnType<typeof watch>, batches: number) => {
    t.ok(seen.bytes < MOST, `${seen.bytes} bytes`)
    t.ok(seen.records > 0 && seen.records * SIZE < MOST, `${seen.records} records`)
    t.ok(seen.batches >= batches, `${seen.batches} batches`)
  }

  await t.test('a relation by filter', async (t) => {
    const seen = watch(t)
    const answer = await send('PATCH', all, { of: one.id }, { prefer: `count=exact, max-affected=${COUNT}` })
    t.equal(answer.statusCode, 204, answer.body)
    t.equal(answer.headers['content-range'], `0-${COUNT - 1}/${COUNT}`)
    bounded(seen, COUNT / 8)
  })

  await t.test('max-affected and a representation', async (t) => {
    const refused = await send('PATCH', all, { of: two.id }, { prefer: `max-affected=${COUNT - 1}` })
    t.match(refused.json(), { code: 'PGRST124', details: `The query affects ${COUNT} rows` })
    const large = await send('PATCH', all, { of: two.id }, { prefer: 'return=representation' })
    t.match(large.json(), { status: 400, code: 'answer_too_large' })
    const { headers } = await send('HEAD', `/doc?of=eq.${one.id}&select=id`, undefined, {
      prefer: 'count=exact',
    })
    t.match(headers['content-range'], new RegExp(`/${COUNT}$`), 'nothing has changed')
    const few = await send('PATCH', `${all}&select=id`, { of: one.id }, { prefer: 'return=representation' })
    t.equal(few.json().length, COUNT)
  })

  await t.test('an upsert', async (t) => {
    const ids = (await send('GET', '/doc?select=id&limit=50')).json()
    const seen = watch(t)
    const prefer = 'resolution=merge-duplicates, return=minimal'
    const answer = await send(
      'POST',
      '/doc',
      ids.map(({ id }: { id: string }) => ({ id, of: two.id })),
      { prefer },
    )
    t.equal(answer.statusCode, 200, answer.body)
    bounded(seen, 6)
    const { headers } = await send('HEAD', `/doc?of=eq.${two.id}&select=id`, undefined, {
      prefer: 'count=exact',
    })
    t.match(headers['content-range'], /\/50$/)
  })

  await t.test('references that are cleared', async (t) => {
    const seen = watch(t)
    t.equal((await send('DELETE', '/target?id=not.is.null')).statusCode, 204)
    bounded(seen, COUNT / 8)
    const { headers } = await send('HEAD', '/doc?of=is.null&select=id', undefined, { prefer: 'count=exact' })
    t.match(headers['content-range'], new RegExp(`/${COUNT}$`))
  })

  await t.test('a schema that rewrites records', async (t) => {
    const seen = watch(t)
    const fields = [...DEFINITION.fields, { name: 'more', type: 'integer', required: true, default: 5 }]
    const answer = await send('PUT', '/schemas/doc', { ...DEFINITION, fields })
    t.equal(answer.statusCode, 200, answer.body)
    // The first look reads the touched fields alone, by a cursor.
    bounded(seen, COUNT / 8)
    const { headers } = await send('HEAD', '/doc?more=eq.5&select=id', undefined, { prefer: 'count=exact' })
    t.match(headers['content-range'], new RegExp(`/${COUNT}$`))
  })

  await t.test('a delete that reads ids alone', async (t) => {
    const seen = watch(t)
    t.equal((await send('DELETE', all, undefined, { prefer: 'count=exact' })).statusCode, 204)
    t.equal(seen.batches, 0)
  })
})
