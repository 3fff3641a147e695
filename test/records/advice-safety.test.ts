// Following the advice on a filter that was not understood loses no records but those that the filter is about.
import t from 'tap'
import { advise } from '../../lib/query/advice/advise.ts'
import { recordSubject } from '../../lib/query/advice/record-subject.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { UnreadParameter } from '../../lib/query/parse/unread.ts'
import { planList } from '../../lib/query/plan/plan-list.ts'
import { ADMIN, as, signIn, startWithAdmin } from '../support/app.ts'
import { encode, foreignFilters, NEGATIVE, POSITIVE } from '../support/query/foreign-filters.ts'
import { contextOf, entity, field } from '../support/query/sample.ts'

const TAGS = field('tags', 'array', { items: { type: 'string' } })

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'age', type: 'integer' },
    { name: 'tags', type: 'array', items: { type: 'string' } },
  ],
}

/** Nothing is lost, so that each filter meets the same records. */
const PREFER = { prefer: 'tx=rollback, return=representation' }

async function start(test: typeof t) {
  const { app } = await startWithAdmin(test)
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  await send('POST', '/schemas', THING)
  await send('POST', '/thing', RECORDS)
  return send
}

/** `a` is what positive filters ask for, and negative ones leave out; every filter leaves one of them out. */
const RECORDS = [
  { name: 'a', age: 1, tags: ['a'] },
  { name: 'zz', age: 9, tags: ['zz'] },
  { name: null, age: null, tags: null },
]

t.test('what was refused says what is offered', async (t) => {
  const send = await start(t as never)
  const refusals: [query: string, detail: RegExp, hint: RegExp][] = [
    ['name=not.all(eq).{a}', /operator all\(eq\) is not offered/, /not\.eq\.value\. Operators: eq/],
    ['name=_eq.a', /operator _eq is not offered/, /^Operators: eq, neq/],
    ['name=$eq.a', /operator \$eq is not offered/, /^Operators: eq, neq/],
    ['name=!in.(a)', /operator ! is not offered/, /not\.eq\.value\. Operators: eq/],
    ['name%20>%20b', /no field "name > b"/, /^Write name=gt\.b to compare/],
    ['age=between.(1,2)', /operator between/, /^Write age=gte\.1&age=lte\.2 /],
    ['age=adj.1', /operator adj/, /^Operators/],
    ['filters[age][$between][0]=1&filters[age][$between][1]=2', /no field/, /^(?!.*Write)/],
    ['filters[age][$in][0]=1&filters[age][$in][1]=2', /no field/, /^(?!.*Write)/],
    ['foo.name=eq.a', /"foo" is not embedded/, /^$/],
    ['not.name=eq.a', /"not" is not embedded/, /^$/],
    ['name.not=eq.a', /"name" is not embedded/, /^$/],
    ['', /requires a filter/, /^Write id=not\.is\.null /],
    ['select=id', /requires a filter/, /^Write id=not\.is\.null /],
  ]
  for (const [query, detail, hint] of refusals) {
    const refused = (await send('DELETE', `/thing?${query}`)).json()
    t.match(refused, { status: 400, detail }, query)
    t.match(refused.hint ?? '', hint, query)
  }
  t.match((await send('PATCH', '/thing?foo.name=eq.a', { age: 1 })).json(), { code: 'not_embedded' })
  t.notMatch((await send('GET', '/audit?from=2020-01-01')).json().hint, /Write/)
  t.notMatch((await send('GET', '/audit?action=not.foo.a')).json().hint, /Write/)
  t.notMatch((await send('GET', '/files/?filename=not.foo.a')).json().hint, /Write/)
})

const context = contextOf(entity('thing', [field('name', 'string'), field('age', 'integer'), TAGS]))

/** The hint of the refusal of a query; none where there is no refusal. */
function hintOn(search: string): string {
  try {
    parseQuery(search)
  } catch (error) {
    if (!(error instanceof UnreadParameter)) return ''
    const accept = (spelling: string) => void planList(parseQuery(spelling), context)
    return advise(error, { subject: recordSubject(context), search, accept }).extras.hint ?? ''
  }
  return ''
}

const advisedOn = (search: string) => /Write (\S+)/.exec(hintOn(search))?.[1]

t.test('within a group no filter is advised', (t) => {
  for (const word of `${POSITIVE} ${NEGATIVE}`.split(' '))
    for (const [name, group] of [
      ['or', `(name.${word}.a)`],
      ['and', `(age.gt.0,name.not.${word}.a,2)`],
      ['or', `(and(name.${word}))`],
    ] as const)
      t.equal(advisedOn(encode(name, group)), undefined, `${name}=${group}`)
  const hint = hintOn('or=(name.nlike.a)')
  t.match(hint, /^Within or=\(\.\.\) .* field\.not\.operator\.value\. Operators: eq, neq,/)
  for (const name of ['page', 'sort', 'search', 'order', 'age__gt', 'nope'])
    t.equal(advisedOn(`or=(${name}.foo.a)`), undefined, name)
  t.end()
})

t.test('advice that is followed selects neither everything nor the opposite', async (t) => {
  const send = await start(t as never)
  const deleted = new Map<string, (string | null)[]>()
  for (const { query, isNegative } of foreignFilters()) {
    const spelled = advisedOn(query)
    if (spelled === undefined) continue
    if (!deleted.has(spelled)) {
      const followed = await send('DELETE', `/thing?${spelled}`, undefined, PREFER)
      deleted.set(
        spelled,
        followed.json().map(({ name }: { name: string | null }) => name),
      )
    }
    const names = deleted.get(spelled) ?? []
    if (names.includes(isNegative ? 'a' : 'zz') || names.length === RECORDS.length)
      t.fail(`${decodeURIComponent(query)} -> ${spelled}`)
  }
  const kept = [...deleted.values()].filter((names) => names.length > 0)
  t.ok(kept.length > 10, 'some advice is given that selects records')
})
