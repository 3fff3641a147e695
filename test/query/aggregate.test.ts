// Aggregates on a real PostgreSQL: exact, grouped by what else is selected, ordered and limited.
import t from 'tap'
import { countSql } from '../../lib/query/sql/list.ts'
import { idOf, openDatabase } from '../support/query/database.ts'
import { contextOf, entity, field, plan } from '../support/query/sample.ts'
import { course, schoolContext, storeSchool } from '../support/query/school.ts'

const sale = entity('sale', [
  field('shop', 'string'),
  field('amount', 'decimal'),
  field('pieces', 'integer'),
  field('weight', 'float'),
  field('day', 'date'),
  field('paid', 'boolean'),
  field('meta', 'json'),
])

const context = contextOf(sale)

const rows = [
  {
    shop: 'b',
    amount: '0.10',
    pieces: 9007199254740991,
    weight: 0.1,
    day: '2026-01-02',
    paid: true,
    meta: { k: 'x' },
  },
  {
    shop: 'B',
    amount: '0.20',
    pieces: 9007199254740991,
    weight: 0.2,
    day: '2026-01-01',
    paid: false,
    meta: { k: 'y' },
  },
  { shop: 'ä', amount: '100', pieces: 10, day: '2025-12-31', meta: { k: 'x' } },
  { shop: 'ä', amount: '9', pieces: 9, weight: -3 },
  { amount: '1.5', pieces: null, paid: true },
]

const scenarios: [string, string, unknown[]][] = [
  ['count() counts records', 'select=count()', [{ count: 5 }]],
  ['field.count() counts values', 'select=pieces.count(),n:weight.count()', [{ count: 4, n: 3 }]],
  ['a decimal sum is exact and a string', 'select=amount.sum()', [{ sum: '110.80' }]],
  ['a float sum is exact too', 'select=weight.sum()&weight=gt.0', [{ sum: 0.3 }]],
  ['averages', 'select=amount.avg(),a:pieces.avg()&shop=eq.ä', [{ avg: '54.5', a: 9.5 }]],
  [
    'least and greatest are values of the field, in its order',
    'select=lo:amount.min(),hi:amount.max(),first:day.min(),name:shop.max(),p:paid.max(),c:created_at.min(),i:id.max()',
    [
      {
        lo: '0.10',
        hi: '100',
        first: '2025-12-31',
        name: 'b',
        p: true,
        c: '2026-01-01T00:00:00Z',
        i: idOf(5),
      },
    ],
  ],
  [
    'what else is selected makes the groups, ordered by it',
    'select=shop,count(),amount.sum()',
    [
      { shop: 'ä', count: 2, sum: '109' },
      { shop: 'B', count: 1, sum: '0.20' },
      { shop: 'b', count: 1, sum: '0.10' },
      { shop: null, count: 1, sum: '1.5' },
    ],
  ],
  [
    'groups are ordered by an aggregate and limited',
    'select=shop,total:amount.sum()&order=total.desc&limit=2&offset=1',
    [
      { shop: null, total: '1.5' },
      { shop: 'B', total: '0.20' },
    ],
  ],
  [
    'nulls first when asked, in groups as well',
    'select=shop,count()&order=shop.nullsfirst&limit=1',
    [{ shop: null, count: 1 }],
  ],
  [
    'a json path groups',
    'select=meta->>k,count()&order=k.desc',
    [
      { k: null, count: 2 },
      { k: 'y', count: 1 },
      { k: 'x', count: 2 },
    ],
  ],
  ['no record still is a group of all', 'select=count(),amount.sum()&shop=eq.zzz', [{ count: 0, sum: null }]],
  ['no record makes no group by field', 'select=shop,count()&shop=eq.zzz', []],
]

t.test('aggregates', async (t) => {
  const database = await openDatabase(t)
  await database.store(
    sale,
    rows.map((data, at) => ({ id: idOf(at + 1), data })),
  )
  await storeSchool(database)
  for (const [name, search, expected] of scenarios)
    t.test(name, async (t) => t.strictSame(await database.list(search, context), expected))

  t.test('a sum past 2^53 leaves with all its digits', async (t) => {
    const { records } = await database.page('select=pieces.sum()', context)
    t.strictSame(records, ['{"sum":18014398509482001}'])
  })

  t.test('a count is of groups', async (t) => {
    t.strictSame(await database.run(countSql(plan('select=shop,count()', context))), [['4']])
    t.strictSame(await database.run(countSql(plan('shop=not.is.null', context))), [['4']])
  })

  t.test('an embedded record groups, and so does a spread one', async (t) => {
    t.strictSame(await database.list('select=teacher(name),count(),hours.sum()', schoolContext(course)), [
      { teacher: null, count: 1, sum: null },
      { teacher: { name: 'Ada' }, count: 2, sum: 6 },
      { teacher: { name: 'Bob' }, count: 1, sum: 2 },
    ])
  })
})

t.test('groups of long texts that begin alike always come in the same order', async (t) => {
  const database = await openDatabase(t)
  const note = entity('note', [field('text', 'string')])
  const texts = Array.from({ length: 20 }, (_, at) => `${'z'.repeat(300)}${String.fromCharCode(97 + at)}`)
  const stored = [...texts].reverse().map((text, at) => ({ id: idOf(at + 1), data: { text } }))
  await database.store(note, stored)
  // Groups come out of a hash table, in no order of their own.
  await database.client.query('set enable_sort = off')
  const groups = texts.map((text) => ({ text, count: 1 }))
  t.strictSame(await database.list('select=text,count()', contextOf(note)), groups)
  t.strictSame(await database.list('select=text,count()&order=count', contextOf(note)), groups)
})

t.test('aggregates that make no sense are refused', async (t) => {
  for (const search of [
    'select=shop.sum()',
    'select=meta.min()',
    'select=meta->a.sum()',
    'select=sum()',
    'select=amount.median()',
    'select=count()&order=shop',
    'select=shop,count()&cursor=abc',
    'select=count(),count:amount.sum()',
    'select=amount.sum()::text',
    'select=secret.count()',
  ])
    t.throws(() => plan(search, context), { name: 'Problem' }, search)
})
