// What a query reads, in buffers, under row-level security and as the server's role, on an entity that has grown.
// UNIVERA_COST_RECORDS=1000000 makes it as large as the promise; the numbers are the same.
import t from 'tap'
import { numberKey } from '../../lib/fields/number-key.ts'
import { textKey } from '../../lib/fields/text-key.ts'
import type { Statement } from '../../lib/postgres/queryable.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { planScope } from '../../lib/query/plan/level.ts'
import { planList } from '../../lib/query/plan/plan-list.ts'
import { planRecord } from '../../lib/query/plan/select.ts'
import { getSql } from '../../lib/query/sql/get.ts'
import { listSql } from '../../lib/query/sql/list.ts'
import { idOf, openDatabase, type QueryDatabase } from './database.ts'
import { contextOf, entity, field, tenantId } from './sample.ts'

const COUNT = Number(process.env.UNIVERA_COST_RECORDS ?? 60_000)
const AGES = 50
const large = entity('large', [field('name', 'string'), field('age', 'integer'), field('note', 'text')], {
  id: 1,
  slots: ['name', 'age'],
})
const context = contextOf(large)
const createdAt = (n: number) => new Date(Date.parse('2026-01-01T00:00:00Z') + n * 1000).toISOString()

/** Keys are made in Node; the ages' come from a small table, the names' are plain ASCII. */
async function fill({ client }: QueryDatabase): Promise<void> {
  const ages = Array.from({ length: AGES }, (_, age) => numberKey(String(age)))
  const [start, end] = textKey('n@').split('@\u0001n@')
  t.strictSame([start, end], ['n', ''], 'a name has the key that is written here in SQL')
  await client.query(
    `insert into record (tenant_id, entity_id, id, created_at, data, keys, k1, k2)
     select $1, 1 + (n % 10 = 0)::int, (left(f.first, 13) || '-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
       timestamptz '2026-01-01Z' + n * interval '1s',
       jsonb_build_object('name', m.name, 'age', n % ${AGES}, 'note', repeat('x', 100)),
       jsonb_build_object('name', m.key, 'age', ($2::text[])[n % ${AGES} + 1]), m.key, ($2::text[])[n % ${AGES} + 1]
     from generate_series(1, $3) n,
       lateral (select 'n' || (n::bigint * 7919 % $3) as name) w,
       lateral (select w.name, w.name || chr(1) || w.name as key) m,
       lateral (select lpad(to_hex(1767225600000 + n * 1000::bigint), 12, '0') as hex) h,
       lateral (select left(h.hex, 8) || '-' || right(h.hex, 4) as first) f`,
    [tenantId, ages, COUNT],
  )
  await client.query('vacuum analyze record')
}

async function buffersOf(database: QueryDatabase, statement: Statement): Promise<number> {
  const explained = { ...statement, text: `explain (analyze, buffers, format json) ${statement.text}` }
  await database.run(explained)
  const [[text] = []] = await database.run(explained)
  const [{ Plan: plan }] = JSON.parse(String(text))
  return plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
}

const list = (search: string) => listSql(planList(parseQuery(search), context))

/** The statement of 20 records that lie half the entity further. */
async function deepPage(database: QueryDatabase, order: string): Promise<Statement> {
  let cursor = ''
  for (let skipped = 0; skipped < COUNT / 2; skipped += 1000)
    cursor = `&cursor=${(await database.page(`select=id&limit=1000&${order}${cursor}`, context)).nextCursor}`
  return list(`limit=20&${order}${cursor}`)
}

t.test('an index slot makes the cost of a query independent of the size of the entity', async (t) => {
  const database = await openDatabase(t)
  await fill(database)
  const middle = createdAt(COUNT / 2)
  const [newest] = await database.list<{ id: string }>('order=id.desc&limit=1', context)
  t.equal(newest?.id, idOf(COUNT - 1, createdAt(COUNT - 1)), 'the newest record is the last one made')

  const scenarios: [string, number, Statement][] = [
    ['one record', 10, getSql(planScope([], context), planRecord(context), String(newest?.id))],
    ['the oldest 20', 30, list('limit=20')],
    ['the newest 20', 30, list('order=created_at.desc&limit=20')],
    ['20 of a day', 30, list(`created_at=gte.${middle}&limit=20`)],
    ['equality, present', 30, list('name=eq.n77&limit=20')],
    ['equality, absent', 30, list('name=eq.absent&limit=20')],
    ['equality with many, oldest first', 30, list('age=eq.7&limit=20')],
    ['one of a list', 60, list('name=in.(n1,n2,n3)&limit=20')],
    ['range and sort', 60, list('name=gt.n5&order=name&limit=20')],
    ['range and sort, backwards', 60, list('age=lt.30&order=age.desc&limit=20')],
    ['nulls on the other side', 60, list('order=name.nullsfirst&limit=20')],
    ['a text that begins with', 60, list('name=ilike.N123*&order=name&limit=20')],
    ['a page deep in the list', 60, await deepPage(database, 'order=id')],
    ['a page deep in an order', 60, await deepPage(database, 'order=name')],
    ['a page deep in an order with ties', 60, await deepPage(database, 'order=age.desc')],
  ]
  for (const [name, limit, statement] of scenarios) {
    const buffers = await buffersOf(database, statement)
    t.ok(buffers <= limit, `${name}: ${buffers} buffers of at most ${limit}`)
  }
})
