// Groups that an index has all of are those of the records themselves.
import t from 'tap'
import type { Entity } from '../../lib/entities/entity.ts'
import { countSql, listSql } from '../../lib/query/sql/list.ts'
import { idOf, openDatabase } from '../support/query/database.ts'
import { contextOf, entity, field, plan } from '../support/query/sample.ts'

const fields = [
  field('age', 'integer'),
  field('paid', 'boolean'),
  field('state', 'enum', { values: ['new', 'Öffen', 'done', 'x'.repeat(200)] }),
  field('name', 'string'),
  field('amount', 'decimal'),
]

const slots = ['age', 'paid', 'state', 'name', 'amount']

const indexed = entity('indexed', fields, { id: 1, slots })
const plain = entity('plain', fields, { id: 2 })
const short = fields.map((one) => (one.name === 'state' ? { ...one, values: ['new', 'Öffen', 'done'] } : one))
const whole = entity('whole', short, { id: 3, slots })

const row = (n: number, states: readonly unknown[]) => ({
  id: idOf(n + 1),
  data: {
    age: n % 5 === 0 ? null : (n % 7) - 3,
    paid: [true, false, null][n % 3],
    state: states[n % states.length],
    name: n % 4 === 0 ? null : `${'y'.repeat(250)}${n % 3}`,
    amount: ['1.0', '1.00', '2', null][n % 4],
  },
})

const searches = [
  'select=age,count()',
  'select=age,count()&order=age.desc',
  'select=age,count()&order=age.nullsfirst&limit=3&offset=1',
  'select=age,count(),amount.sum()&order=count.desc',
  'select=paid,age,count()',
  'select=state,count(),n:name.count()',
  'select=state,paid&paid=is.true',
  'select=name,age,count()',
  'select=amount,count()',
  'select=alter:age,count()&age=gt.0',
  'select=age,age_text:age::text,count()',
]

t.test('groups with and without an index', async (t) => {
  const database = await openDatabase(t)
  const states = ['new', 'Öffen', null, 'x'.repeat(200), 'done']
  const stored = Array.from({ length: 90 }, (_, n) => row(n, states))
  const fewer = Array.from({ length: 90 }, (_, n) => row(n, states.toSpliced(3, 1)))
  await database.store(indexed, stored)
  await database.store(plain, stored)
  await database.store(whole, fewer)
  const read = async (of: Entity, search: string) => {
    const planned = plan(search, contextOf(of))
    return { rows: await database.run(listSql(planned)), count: await database.run(countSql(planned)) }
  }
  for (const search of searches) t.strictSame(await read(indexed, search), await read(plain, search), search)
  const counts = await read(whole, 'select=state,count()')
  t.strictSame(
    counts.rows.map(([group]) => JSON.parse(group as string)),
    [
      { state: 'done', count: 22 },
      { state: 'new', count: 23 },
      { state: 'Öffen', count: 23 },
      { state: null, count: 22 },
    ],
  )
})
