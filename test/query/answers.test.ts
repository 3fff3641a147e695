// What filters and orders mean, told record by record on a real PostgreSQL.
import t from 'tap'
import type { FilterNode } from '../../lib/query/ast.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { planFilter } from '../../lib/query/plan/filter.ts'
import { planSelection } from '../../lib/query/plan/level.ts'
import { planRecord } from '../../lib/query/plan/select.ts'
import { getSql } from '../../lib/query/sql/get.ts'
import { countSql } from '../../lib/query/sql/list.ts'
import { idOf, openDatabase } from '../support/query/database.ts'
import { contextOf, plan } from '../support/query/sample.ts'
import { dayOf, rows, slotted, thing } from '../support/query/things.ts'

/** The numbers of the records that each query gives, in order. */
const scenarios: [string, number[]][] = [
  ['', [1, 2, 3, 4, 5]],
  ['n=eq.zoe', [4]],
  ['n=neq.zoe', [1, 2, 3]],
  ['n=isdistinct.zoe', [1, 2, 3, 5]],
  ['n=not.isdistinct.zoe', [4]],
  ['age=gt.9', [2]],
  ['age=not.gt.9', [1, 3]],
  ['score=gte.9.50&score=lt.10', [1]],
  ['age=in.(9,10,11)', [1, 2]],
  ['age=not.in.(9,10,11)', [3]],
  ['age=in.( 9 , 10 )', [1, 2]],
  ['age=eq. 9 ', [1]],
  ['or=( age.eq.9 , age.eq.10 )', [1, 2]],
  [`id=eq. ${dayOf(2)}`, [2]],
  ['n=in.( zoe)', []],
  ['n=in.( "zoe")', [4]],
  ['age=in.()', []],
  ['age=not.in.()', [1, 2, 3, 4, 5]],
  ['or=()', []],
  ['not.or=()', [1, 2, 3, 4, 5]],
  ['active=eq.TRUE', [1]],
  ['active=in.(1,yes,On,t)', [1]],
  ['active=in.(0,NO,off,fal)', [2]],
  ['active=is.true', [1]],
  ['active=not.is.true', [2, 3, 4, 5]],
  ['active=is.unknown', [3, 4, 5]],
  ['age=is.null', [4, 5]],
  ['age=is.not_null', [1, 2, 3]],
  ['age=not.is.not_null', [4, 5]],
  ['age=eq(any).{9,-3}', [1, 3]],
  ['age=gt(all).{-5,8}', [1, 2]],
  ['age=gt(any).{-5,9}', [1, 2, 3]],
  ['age=not.gt(any).{-5,9}', []],
  ['age=not.eq(any).{9,-3}', [2]],
  ['age=eq(all).{9,9}', [1]],
  ['or=(age.eq.9,not.and(age.lt.10,n.neq.x))', [1, 2]],
  ['not.or=(age.eq.9,age.eq.10)', [3]],
  ['tags=cs.{x}', [1]],
  ['tags=cs.{"y z"}', [1, 2]],
  ['tags=cs.{}', [1, 2, 3]],
  ['tags=cs.["x","y z"]', [1]],
  ['tags=not.cs.{x}', [2, 3]],
  ['tags=cd.{"y z",w}', [2, 3]],
  ['tags=ov.{x,w}', [1]],
  ['tags=not.ov.{x,w}', [2, 3]],
  ['tags=ov.{}', []],
  ['dice=cs.{2}', [1]],
  ['dice=ov.{2,6}', [1, 2]],
  ['kinds=cs.{s}', [1]],
  ['meta=cs.{"a":1}', [1]],
  ['meta=cd.{"a":10,"b":"text","c":0}', [2]],
  ['address=cs.{"zip":"10115"}', [1]],
  ['meta=is.null', [5]],
  ['meta->a=eq.1', [1]],
  ['meta->a=gt.1', [2]],
  ['meta->>a=eq.10', [2]],
  ['meta->>a=is.null', [3, 4, 5]],
  ['meta->a=is.null', [4, 5]],
  ['meta->b->1->>c=eq.q', [1]],
  ['meta->b->-1->>c=in.(q,r)', [1]],
  ['meta->1=eq.2', [4]],
  ['meta->b=cs.["p"]', [1]],
  ['address->>zip=gte.2', [2]],
  ['tags->>0=like.*z', [2]],
  [`id=eq.${dayOf(2)}`, [2]],
  [`id=in.(${dayOf(2)},${dayOf(4)})`, [2, 4]],
  [`id=gt.${dayOf(3).toUpperCase()}`, [4, 5]],
  ['created_at=eq.2026-01-02T12:00:00.122Z', [2]],
  ['created_at=gte.2026-01-03T14:00:00%2B02:00', [3, 4, 5]],
  ['created_at=gte.2026-01-03T14:00:00+02:00', [3, 4, 5]],
  ['created_at=lt.2026-01-02', [1]],
  ['created_at=lte.2026-01-02T12:00:00.1219Z', [1]],
  ['created_at=lte.2026-01-02T12:00:00.1221Z', [1, 2]],
  ['created_at=gt.2026-01-04T12:00:00.124Z', [5]],
  ['created_at=neq.2026-01-04T12:00:00.124Z', [1, 2, 3, 5]],
  ['created_at=not.lt.2026-01-04T12:00:00.124Z', [4, 5]],
  ['created_at=lt.1969-01-01', []],
  ['created_at=gt.0001-01-01', [1, 2, 3, 4, 5]],
  [`created_by=eq.${idOf(99)}`, [1]],
  [`created_by=neq.${idOf(98)}`, [1]],
  ['created_by=is.null', [2, 3, 4, 5]],
  ['order=n', [3, 2, 1, 4, 5]],
  ['order=n.desc', [5, 4, 1, 2, 3]],
  ['order=n.desc.nullslast', [4, 1, 2, 3, 5]],
  ['order=n.nullsfirst', [5, 3, 2, 1, 4]],
  ['order=age', [3, 1, 2, 4, 5]],
  ['order=age.desc', [5, 4, 2, 1, 3]],
  ['order=score.desc.nullslast', [2, 1, 3, 5, 4]],
  ['order=active,id.desc', [2, 1, 5, 4, 3]],
  ['order=created_at.desc', [5, 4, 3, 2, 1]],
  ['order=created_by.nullsfirst,age.desc', [5, 4, 2, 3, 1]],
  ['order=meta->a', [3, 1, 2, 4, 5]],
  ['order=meta->a.desc.nullslast', [2, 1, 3, 5, 4]],
  ['order=meta->>a', [1, 2, 3, 4, 5]],
  ['order=id.desc&limit=2&offset=1', [4, 3]],
  ['limit=0', []],
  ['offset=99999999999999999999', []],
]

t.test('filters and orders pick and sort the right records', async (t) => {
  const database = await openDatabase(t)
  for (const one of [thing, slotted]) await database.store(one, rows)
  for (const [search, expected] of scenarios)
    for (const one of [thing, slotted]) {
      const { records } = await database.page(`select=id&${search}`, contextOf(one))
      const found = records.map((record) => Number(`0x${JSON.parse(record).id.slice(-4)}`))
      t.strictSame(found, expected, `${one.name} ${search}`)
    }

  t.test('orders of every kind go on after a cursor', async (t) => {
    for (const [search, expected] of scenarios.filter(
      ([text]) => text.startsWith('order=') && !text.includes('&'),
    ))
      for (const one of [thing, slotted]) {
        const found: number[] = []
        for (let cursor = ''; ; ) {
          const page = await database.page(`select=id&limit=1&${search}${cursor}`, contextOf(one))
          found.push(...page.records.map((record) => Number(`0x${JSON.parse(record).id.slice(-4)}`)))
          if (page.nextCursor === undefined) break
          cursor = `&cursor=${page.nextCursor}`
        }
        t.strictSame(found, expected, `${one.name} ${search}`)
      }
  })

  t.test('a record has every readable field, null when unset, and nothing else', async (t) => {
    const context = contextOf(thing)
    const scope = planSelection([], context)
    const [row] = await database.run(getSql(scope, planRecord(context))(thing, dayOf(4)))
    t.strictSame(JSON.parse(String(row?.[1])), {
      id: dayOf(4),
      n: 'zoe',
      age: null,
      score: null,
      active: null,
      tags: null,
      dice: null,
      kinds: null,
      level: null,
      owner: null,
      meta: [1, 2],
      address: null,
      created_at: '2026-01-04T12:00:00.124Z',
      updated_at: '2026-01-02T00:00:00Z',
      created_by: null,
      updated_by: null,
    })
    t.strictSame(await database.run(getSql(scope, planRecord(context))(thing, dayOf(9))), [])
  })

  t.test('select names, renames and reaches into json', async (t) => {
    const search = 'select=n,N:n,meta->b->1->>c,first:meta->b->0,tags->0,address->>zip,m:meta->>a&limit=1'
    t.strictSame(await database.list(search, contextOf(thing)), [
      { n: 'Zoe', N: 'Zoe', c: 'q', first: 'p', tags: 'x', zip: '10115', m: '1' },
    ])
  })

  t.test('select casts to text', async (t) => {
    const search = 'select=id::text,n::text,age::text,active::text,tags::text,a:meta->a::text,kinds'
    t.strictSame(await database.list(`${search}&order=id.desc&limit=3&offset=2`, contextOf(thing)), [
      { id: dayOf(3), n: 'Alter', age: '-3', active: null, tags: '[]', a: null, kinds: null },
      { id: dayOf(2), n: 'älter', age: '10', active: 'false', tags: '["y z"]', a: '10', kinds: ['l'] },
      { id: dayOf(1), n: 'Zoe', age: '9', active: 'true', tags: '["x", "y z"]', a: '1', kinds: ['s', 'm'] },
    ])
    t.strictSame(await database.list('select=age::text,count()&age=gt.0&order=age.desc', contextOf(thing)), [
      { age: '9', count: 1 },
      { age: '10', count: 1 },
    ])
    t.throws(() => plan('select=age,age::text', contextOf(thing)), { message: /two outputs/ })
    t.throws(() => plan('select=secret::text', contextOf(thing)), { message: /no field "secret"/ })
  })

  t.test('counts, ranges and the end of a list', async (t) => {
    const page = await database.page('limit=2&offset=1', contextOf(thing))
    t.equal(page.contentRange, '1-2/*')
    t.equal((await database.page('age=eq.77', contextOf(thing))).contentRange, '*/*')
    t.strictSame(await database.run(countSql(plan('age=not.is.null&limit=1', contextOf(thing)))), [['3']])
    t.equal((await database.page('limit=5', contextOf(thing))).nextCursor, undefined)
  })

  t.test('a row filter is part of everything, and may use what the caller cannot read', async (t) => {
    const [own] = parseQuery('or=(secret.eq.x,age.gt.9)').where as [FilterNode]
    const all = { ...contextOf(thing), readable: () => true, embeds: new Map() }
    const context = contextOf(thing, { rowFilter: () => planFilter([own], all) })
    t.equal((await database.list('', context)).length, 1)
    t.strictSame(
      await database.run(getSql(planSelection([], context), planRecord(context))(thing, dayOf(1))),
      [],
    )
  })
})
