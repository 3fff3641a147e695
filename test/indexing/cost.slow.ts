// What the statements that the server runs cost on a large entity, as the role that row-level security binds.
import t, { type Test } from 'tap'
import { PLANNER_SETTINGS } from '../../lib/db/connections/planner-settings.ts'
import type { Statement } from '../../lib/db/statement.ts'
import { derive } from '../../lib/entities/derived-columns.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { planSelection } from '../../lib/query/plan/level.ts'
import { planList } from '../../lib/query/plan/plan-list.ts'
import { planRecord } from '../../lib/query/plan/select.ts'
import { getSql } from '../../lib/query/sql/get.ts'
import { listSql } from '../../lib/query/sql/list.ts'
import { toPage } from '../../lib/query/sql/page.ts'
import { explain } from '../support/indexing/explain.ts'
import { idOf, item, openLarge, RECORDS } from '../support/indexing/large.ts'
import { contextOf, tenantId } from '../support/query/sample.ts'

const context = contextOf(item)

const list = (search: string) => listSql(planList(parseQuery(search), context))

const get = (id: string) => getSql(planSelection([], context), planRecord(context))(item, id)

/** The limits of what is asked most. */
const lists: [search: string, buffers: number][] = [
  ['order=id.desc&limit=20', 30],
  ['order=created_at.desc&limit=20', 30],
  ['limit=20', 30],
  ['serial=eq.777', 30],
  ['serial=eq.-5', 30],
  ['name=eq.Item 7919', 30],
  ['name=eq.nobody', 30],
  ['name=ilike.nobody', 30],
  ['age=eq.5&limit=20', 30],
  ['age=is.null&limit=20', 30],
  ['serial=in.(5,7,-9)', 30],
  ['or=(serial.eq.5,name.eq.nobody)', 30],
  ['created_by=eq.00000000-0000-7000-8000-000000000007&limit=20', 30],
  [`created_by=eq.${tenantId.replace('7000', '7fff')}&limit=20`, 30],
  ['serial=gt.1000&order=serial&limit=20', 60],
  ['serial=gte.1000&serial=lt.50000&order=serial.desc&limit=20', 60],
  ['born=gte.1970-01-01&order=born&limit=20', 60],
  ['age=gt.500&order=age.desc&limit=20', 60],
  ['age=gt.500&order=age.desc.nullslast&limit=20', 60],
  ['order=age.asc.nullsfirst&limit=20', 60],
  ['order=age.desc.nullslast&limit=20', 60],
  ['name=like.Item 77*&order=name&limit=20', 60],
  ['name=ilike.iTEM 77*&order=name&limit=20', 60],
  ['created_at=gte.2026-01-02&order=created_at.desc&limit=20', 60],
  ['created_at=gte.2026-01-02&limit=20', 60],
  ['order=serial&limit=20&offset=20', 60],
  ['serial=gt.1000&limit=20', 100],
  [`serial=gt.${RECORDS}&limit=20`, 100],
]

const orders = ['id', 'serial', 'serial.desc', 'age', 'age.desc.nullslast', 'created_at.desc', 'name,serial']

t.test(`on ${RECORDS} records`, async (t) => {
  const { client, role } = await openLarge(t)
  const setup = [`set role ${role}`, ...PLANNER_SETTINGS]
  await client.query(setup.join(';'))
  await client.query("select set_config('app.tenant_id', $1, false)", [tenantId])

  t.test('the keys are those that the server makes', async (t) => {
    const { rows } = await client.query(
      `select data, keys, to_jsonb(array[k1, k2, k3, k4]) as slots from record
       where entity_id = $1 and (id <= $2 or id > $3) order by id`,
      [item.id, idOf(200), idOf(RECORDS - 200)],
    )
    t.equal(rows.length, 400)
    for (const { data, keys, slots } of rows) {
      const derived = derive(item, data)
      t.same(keys, derived.keys)
      t.same(
        slots,
        ['k1', 'k2', 'k3', 'k4'].map((column) => derived.slots[column]),
      )
    }
  })

  t.test('just filled, before PostgreSQL has statistics: all but what is planned with them', async (t) => {
    const all = lists.map(([search, most]) => ({ search, most, statement: list(search) }))
    for (const { search, most, statement } of all.filter(({ statement }) => !statement.planEachTime))
      await costsAtMost(t, search, statement, most)
    await checkOne(t)
    const { rows } = await client.query("select current_setting('server_version_num')::int as version")
    // Before 16, PostgreSQL sorts the whole rest for a second column as long as it has no statistics.
    const cheap = orders.filter((order) => rows[0].version >= 160_000 || !order.includes(','))
    for (const order of cheap) await checkDeepPage(t, order)
  })

  t.test('later in its life', async (t) => {
    await client.query('reset role')
    await client.query('vacuum analyze record')
    await client.query(setup.join(';'))
    for (const [search, most] of lists) await costsAtMost(t, search, list(search), most)
    await checkOne(t)
    for (const order of orders) await checkDeepPage(t, order)
  })

  async function costsAtMost(t: Test, what: string, statement: Statement, most: number) {
    for (const { mode, buffers, plan } of await explain(client, statement))
      t.ok(buffers <= most, `${what}, ${mode}: ${buffers} of ${most} buffers`, { plan })
  }

  async function checkOne(t: Test) {
    const entrance = { text: 'select enter_read($1::uuid, $2::bigint)', values: [tenantId, 1] }
    const entering = (await explain(client, entrance)).at(-1)
    await costsAtMost(t, 'one record', get(idOf(RECORDS / 2)), 10 - (entering?.buffers ?? 10))
    await costsAtMost(t, 'one that is not there', get(idOf(RECORDS * 2)), 10)
  }

  /** Page 1,000 costs what page 1 costs, give or take the way down another index. */
  async function checkDeepPage(t: Test, order: string) {
    const plan = planList(parseQuery(`order=${order}&limit=20&offset=19960`), context)
    const { text, values } = listSql(plan)
    const { rows } = await client.query({ text, values: [...values], rowMode: 'array' })
    const [first] = await explain(client, list(`order=${order}&limit=20`))
    const next = list(`order=${order}&limit=20&cursor=${toPage(plan, rows).nextCursor}`)
    await costsAtMost(t, `page 1,000 by ${order}`, next, (first?.buffers ?? 0) + 10)
  }
})
