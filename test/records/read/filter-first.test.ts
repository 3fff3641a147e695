// A page by the index of its filter or, where that finds much, by a bounded walk in its order: the same page as without.
import t from 'tap'
import { parseQuery } from '../../../lib/query/parse/parse-query.ts'
import { narrowingsOf } from '../../../lib/query/plan/narrowing.ts'
import { planList, type RecordsList } from '../../../lib/query/plan/plan-list.ts'
import { type Bounds, boundedSteps, filterFirstSql } from '../../../lib/query/sql/filter-first.ts'
import { listSql } from '../../../lib/query/sql/list.ts'
import { toPage } from '../../../lib/query/sql/page.ts'
import { idOf, openDatabase, type QueryDatabase } from '../../support/query/database.ts'
import { contextOf, entity, field } from '../../support/query/sample.ts'

const fields = [
  field('name', 'string'),
  field('age', 'integer'),
  field('note', 'string'),
  field('flag', 'boolean'),
]

const student = entity('student', fields, { slots: ['name', 'age', 'flag'] })

const context = contextOf(student)

const planOf = (search: string) => planList(parseQuery(search), context) as RecordsList

const rows = Array.from({ length: 400 }, (_, n) => ({
  id: idOf(n + 1),
  created_by: n % 2 === 0 ? idOf(1) : null,
  data: {
    name: n % 11 === 0 ? null : `name ${(n * 37) % 50}`,
    age: n % 13 === 0 ? null : n % 100,
    note: `${n % 3}`,
    flag: n % 5 === 0 ? null : n % 2 === 0,
  },
}))

const filters = [
  'age=gt.20',
  'age=gt.98',
  'age=eq.5',
  'age=is.null',
  'age=gte.5&age=lt.9',
  'or=(age.lt.30,age.gt.90)',
  'or=(age.eq.3,name.eq.name 5)',
  'age=not.gt.20',
  'age=gte.0&note=eq.1',
  'age=in.(1,2,3,4,5,6,7,8,9)',
  'age=in.(3,4)&name=eq.name 11',
  `created_by=eq.${idOf(1)}`,
  'age=gt.1&name=like.*1*',
  'flag=is.true&or=(age.lt.4,and(age.gt.90,note.eq.2))',
  `id=in.(${idOf(3)},${idOf(7)},${idOf(200)},${idOf(999)})`,
]

const orders = [
  'name',
  'name.desc',
  'name,age.desc',
  'id.desc',
  'name.nullsfirst',
  'age.desc.nullslast',
  'note,id',
]

const searches = filters.flatMap((filter) =>
  orders.flatMap((order) =>
    ['limit=5', 'limit=20&offset=7'].map((page) => `${filter}&order=${order}&${page}`),
  ),
)

/** How a page is read within the bounds, and its rows unless it is left open. */
async function readWithin(database: QueryDatabase, search: string, bounds: Bounds) {
  const plan = planOf(search)
  const sides = narrowingsOf(plan.where)
  if (boundedSteps(plan).length === 0) throw new Error(`no index has the filter of ${search}`)
  const rows = await database.run(filterFirstSql(plan, sides, bounds))
  if (rows.at(-1)?.at(-1) !== null) return { way: 'rare', rows } as const
  rows.pop()
  return { way: rows.length > plan.limit ? 'walked' : 'open', rows } as const
}

for (const bounds of [
  { rare: 50, walk: 60 },
  { rare: 3, walk: 400 },
])
  t.test(`a page found within ${JSON.stringify(bounds)} is the page of the list`, async (t) => {
    const database = await openDatabase(t)
    await database.store(student, rows)
    const seen = { rare: 0, walked: 0, open: 0 }
    for (const search of searches) {
      const found = await readWithin(database, search, bounds)
      seen[found.way] += 1
      if (found.way !== 'open') t.strictSame(found.rows, await database.run(listSql(planOf(search))), search)
    }
    for (const [way, times] of Object.entries(seen)) t.ok(times > 15, `${way}: ${times} pages`)
  })

t.test('a page after a cursor is found in the same way', async (t) => {
  const database = await openDatabase(t)
  await database.store(student, rows)
  for (const order of orders) {
    const search = `age=gt.20&order=${order}&limit=9`
    const first = await database.page(search, context)
    const plan = planOf(`${search}&cursor=${first.nextCursor}`)
    const wanted = toPage(plan, await database.run(listSql(plan))).records
    for (const bounds of [
      { rare: 400, walk: 1 },
      { rare: 3, walk: 400 },
    ]) {
      const found = await database.run(filterFirstSql(plan, narrowingsOf(plan.where), bounds))
      if (order === 'note,id' && bounds.rare === 3) t.equal(found.length, 1, 'no index has the order')
      else t.strictSame(toPage(plan, found).records, wanted, search)
    }
  }
})

t.test('lists that no index narrows, and pages far away, are not tried', async (t) => {
  const others = ['note=eq.1&order=name', 'age=gt.5&order=name&limit=0', 'age=gt.5&order=name&offset=1000']
  const half = ['or=(age.eq.3,note.eq.1)&order=name', 'age=neq.3&order=name', 'name=like.*x*&order=age']
  for (const search of [...others, ...half]) t.strictSame(boundedSteps(planOf(search)), [], search)
})

const city = entity('city', [field('name', 'string'), field('size', 'integer')], { id: 3, slots: ['name'] })
const person = entity(
  'person',
  [
    field('name', 'string'),
    field('home', 'relation', { entity: 'city' }),
    field('visited', 'relation', { entity: 'city', many: true }),
  ],
  { id: 4, slots: ['name'] },
)

t.test('records are found by what they refer to', async (t) => {
  const database = await openDatabase(t)
  const cities = Array.from({ length: 6 }, (_, n) => ({
    id: idOf(n + 1),
    data: { name: `c${n % 4}`, size: n },
  }))
  const people = Array.from({ length: 60 }, (_, n) => ({
    id: idOf(100 + n),
    data: {
      name: `p${(n * 37) % 60}`,
      home: n % 7 === 0 ? null : idOf((n % 6) + 1),
      visited: [idOf((n % 3) + 1), idOf(4)].slice(0, n % 3),
    },
  }))
  await database.store(city, cities)
  await database.store(person, people, [city])
  const entities = [city, person]
  const seeing = contextOf(person, {
    lookup: (name) => entities.find((one) => one.name === name),
    entities: () => entities,
  })
  let found = 0
  for (const search of [
    'select=name,home!inner(name)&home.name=eq.c1&order=name',
    'select=name,home!inner(name)&home.name=eq.c1&name=gt.p3&order=id.desc',
    'select=name,home!inner()&home.name=in.(c0,c3)&home.size=gt.2&order=name.desc',
    'select=name,visited!inner(name)&visited.name=eq.c3&order=name',
    'select=name,visited!inner(name)&visited.name=eq.none',
  ]) {
    const plan = planList(parseQuery(`${search}&limit=30`), seeing) as RecordsList
    const sides = narrowingsOf(plan.where)
    t.equal(sides.length, 1, search)
    const wanted = await database.run(listSql(plan))
    for (const bounds of [
      { rare: 100, walk: 1 },
      { rare: 0, walk: 100 },
    ]) {
      const rows = await database.run(filterFirstSql(plan, sides, bounds))
      t.strictSame(
        rows.filter((row) => row.at(-1) !== null),
        wanted,
        search,
      )
      found += rows.length
    }
  }
  t.ok(found > 50, `${found}`)
  const aside = ['home.size=eq.3&home=not.is.null', 'home=is.null']
  for (const search of aside) {
    const plan = planList(parseQuery(`select=name,home(name)&${search}`), seeing) as RecordsList
    t.strictSame(narrowingsOf(plan.where), [], search)
  }
})

t.test('only what costs little for each record shares a transaction with others', async (t) => {
  const seeing = contextOf(city, {
    lookup: (name) => [city, person].find((one) => one.name === name),
    entities: () => [city, person],
  })
  const costOf = (of: typeof seeing, search: string) =>
    boundedSteps(planList(parseQuery(search), of) as RecordsList).map((step) => step().cost)
  t.strictSame(costOf(context, 'age=gt.5&order=name'), ['page', 'open'])
  t.strictSame(costOf(context, 'age=eq.5&note=eq.1&order=name'), ['page', 'open'])
  for (const search of [
    'name=eq.c1&order=size&select=name,person!home(name)',
    'name=eq.c1&order=size&select=name,person!home()&person=is.null',
    'name=eq.c1&order=person(count)&select=name,person!home()',
    `name=eq.c1&order=size&select=${Array.from({ length: 9 }, (_, n) => `a${n}:name`)}`,
  ])
    t.strictSame(costOf(seeing, search), ['open', 'open'], search)
})
