// A look at the first records of a list: when it fills the page it is the page, and it is not tried for ever in vain.
import t from 'tap'
import { parseQuery } from '../../../lib/query/parse/parse-query.ts'
import { lookAhead } from '../../../lib/query/plan/index-use.ts'
import { planList, type RecordsList } from '../../../lib/query/plan/plan-list.ts'
import { listSql, lookAheadSql } from '../../../lib/query/sql/list.ts'
import { ProbeBackoff } from '../../../lib/records/read/probe-backoff.ts'
import { idOf, openDatabase } from '../../support/query/database.ts'
import { contextOf, entity, field } from '../../support/query/sample.ts'

const fields = [field('name', 'string'), field('age', 'integer'), field('note', 'string')]

const student = entity('student', fields, { slots: ['name', 'age'] })

const context = contextOf(student)

const planOf = (search: string) => planList(parseQuery(search), context) as RecordsList

const rows = Array.from({ length: 400 }, (_, n) => ({
  id: idOf(n + 1),
  created_by: n % 2 === 0 ? idOf(1) : null,
  data: {
    name: n % 11 === 0 ? null : `name ${(n * 37) % 50}`,
    age: n % 13 === 0 ? null : n % 100,
    note: `${n % 3}`,
  },
}))

const filters = [
  'age=gt.20',
  'age=gt.98',
  'age=eq.5',
  'age=is.null',
  'or=(age.lt.30,age.gt.90)',
  'age=not.gt.20',
]

const mixed = [
  'age=gte.0&note=eq.1',
  'age=in.(1,2,3,4,5,6,7,8,9)',
  `created_by=eq.${idOf(1)}`,
  'age=gt.1&name=like.*1*',
]

const orders = ['name', 'name.desc', 'name,age.desc', 'id.desc']

t.test('a page that the first records fill is the page of the list', async (t) => {
  const database = await openDatabase(t)
  await database.store(student, rows)
  let full = 0
  let tried = 0
  for (const filter of [...filters, ...mixed])
    for (const order of orders) {
      const plan = planOf(`${filter}&order=${order}&limit=5`)
      if (lookAhead(plan) === 0) continue
      tried += 1
      const found = await database.run(lookAheadSql(plan, 60))
      if (found.length <= plan.limit) continue
      full += 1
      t.strictSame(found, await database.run(listSql(plan)), `${filter} ${order}`)
    }
  t.ok(tried > 20, `${tried} lists`)
  t.ok(full > 10 && full < tried, `${full} of them were full`)
})

t.test('only first pages whose filter and order want an index each are looked ahead for', async (t) => {
  const wanted = [
    'age=gt.5&order=name&limit=20',
    'age=gt.5&order=name.desc&limit=100',
    `created_by=eq.${idOf(1)}&order=age&limit=1`,
  ]
  const others = [
    'order=name&limit=9',
    'age=gt.5&order=age',
    'age=gt.5&order=note',
    'note=eq.1&order=name',
    'age=gt.5&order=name.asc.nullsfirst',
    'age=gt.5&order=name&offset=10',
    'age=gt.5&order=name&limit=0',
    'age=gt.5&order=name&limit=101',
  ]
  for (const search of wanted) t.ok(lookAhead(planOf(search)) > 0, search)
  for (const search of others) t.equal(lookAhead(planOf(search)), 0, search)
})

t.test('a look in vain is repeated ever more seldom, one that helps always', (t) => {
  const text = 'select something'
  const probes = new ProbeBackoff()
  const looks = (count: number, hit: boolean) => {
    let looked = 0
    for (let request = 0; request < count; request++) {
      if (!probes.shouldProbe(student, text)) continue
      looked += 1
      probes.record(student, text, hit)
    }
    return looked
  }
  t.equal(looks(100, true), 100)
  const inVain = looks(3000, false)
  t.ok(inVain >= 10 && inVain <= 25, `${inVain} of 3,000`)
  t.ok(probes.shouldProbe(entity('other', fields, { id: 2 }), text), 'another entity has luck of its own')
  t.end()
})
