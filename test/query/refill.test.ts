// A query that differs from another in the values of its filters alone has the same plan: its statements are those that
// planning it would make.
import t from 'tap'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { planSelection } from '../../lib/query/plan/level.ts'
import { planList, type RecordsList } from '../../lib/query/plan/plan-list.ts'
import { formOf, pairLeaves } from '../../lib/query/plan/refill.ts'
import { boundedSteps } from '../../lib/query/sql/filter-first.ts'
import { countSql, listSql } from '../../lib/query/sql/list.ts'
import { withLeaves } from '../../lib/query/sql/scope.ts'
import { contextOf, entity, studentFields } from '../support/query/sample.ts'

const student = entity('student', studentFields, { slots: ['name', 'age', 'born'] })

const context = contextOf(student)

const planOf = (search: string) => planList(parseQuery(search), context) as RecordsList

const long = (letter: string) => letter.repeat(300)

const same = [
  ['age=eq.1&order=name', 'age=eq.77&order=name'],
  ['name=gte.a&name=lt.b', 'name=gte.Émile&name=lt.x y'],
  ['age=in.(1,2,3)&order=name', 'age=in.(4,5)&order=name'],
  ['age=not.in.(1,2)', 'age=not.in.(7,8)'],
  ['or=(age.eq.1,and(name.eq.a,score.gt.1.5))', 'or=(age.eq.2,and(name.eq.b,score.gt.2))'],
  ['created_at=gte.2020-01-01', 'created_at=gte.2026-01-01T00:00:00Z'],
  ['born=eq.2020-01-01&active=is.true', 'born=eq.1999-12-31&active=is.true'],
  ['age=eq(any).{1,2}&limit=5&offset=2', 'age=eq(any).{3,4}&limit=5&offset=2'],
  ['age=isdistinct.4&select=name', 'age=isdistinct.5&select=name'],
] as const

for (const [one, other] of same)
  t.test(`${one} and ${other}`, async (t) => {
    t.equal(formOf(parseQuery(one)), formOf(parseQuery(other)))
    const plan = planOf(one)
    const leaves = pairLeaves(plan.where, planSelection(parseQuery(other).where, context).where)
    if (leaves === undefined) throw new Error('the leaves do not pair')
    const first = (of: RecordsList) => boundedSteps(of)[0]?.()
    for (const sql of [listSql, countSql, first]) {
      const [made, wanted] = [sql(plan), sql(planOf(other))]
      t.strictSame(made && withLeaves(made, leaves).values, wanted?.values)
      t.equal(made?.text, wanted?.text)
    }
  })

t.test('forms that differ', async (t) => {
  const forms = [
    ...['age=eq.1', 'age=neq.1', 'age=not.eq.1', 'name=eq.1', 'age=eq.1&age=eq.1', 'age=in.(1,2)'],
    ...['age=eq.1&limit=5', 'age=eq.1&order=age', 'age=eq.1&select=age', 'active=is.true', 'active=is.null'],
    ...['or=(age.eq.1,name.eq.a)', 'and=(age.eq.1,name.eq.a)', 'not.or=(age.eq.1,name.eq.a)'],
  ].map((search) => formOf(parseQuery(search)))
  t.equal(new Set(forms).size, forms.length)
})

t.test('values that make another plan are noticed, and forms that depend on values have none', async (t) => {
  for (const [one, other] of [
    ['name=eq.a', `name=eq.${long('a')}`],
    ['age=in.(1,2)', 'age=in.(1)'],
    ['age=in.(1,2)', 'age=in.()'],
    ['name=in.(a,b)', `name=in.(a,${long('b')})`],
  ] as const) {
    t.equal(formOf(parseQuery(one)), formOf(parseQuery(other)))
    t.equal(pairLeaves(planOf(one).where, planOf(other).where), undefined, other.slice(0, 20))
  }
  for (const search of [
    '',
    'name=like.a*',
    'age=eq.1&select=mark()',
    'age=eq.1&order=course(name)',
    'tags=cs.{a}',
    'age=eq.1&name=ilike.*a*',
    'order=name',
  ])
    t.equal(formOf(parseQuery(search)), undefined, search)
})
