// Following the advice on a filter that was not understood loses no records but those that the filter is about.
import t from 'tap'
import { ADMIN, as, signIn, startWithAdmin } from '../support/app.ts'

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

const POSITIVE =
  'eq EQ equals equal exact iexact ieq like ilike contains icontains startswith endsWith in oneof isin has search anyof containsall overlaps match regex fts wfts between sw foo any(eq) all(eq) eq(none) eq(some) array_contains contained isnull empty istrue within cs ov is'

const NEGATIVE =
  'ne neq NEQ noteq not_equals different distinct nei nieq ine not nlike notlike not_like nilike doesNotContain notcontains nin notin not_in isnot is_not is_distinct_from isdistinctfrom isdistinct unlike excludes nbetween notmatch ne(any) neq(some) neq(all) notfoo !eq !like !in <>'

const SIGNS: [sign: string, isNegative: boolean][] = [
  ['=', false],
  ['==', false],
  ['~', false],
  ['!', true],
  ['!=', true],
  ['<>', true],
  ['=!=', true],
  ['!~', true],
]

/** Texts that stand for `a` as other languages write values, or for a filter within the filter. */
const VALUES = [
  'a',
  ' a',
  '(a)',
  '{a}',
  "'a'",
  '"a"',
  '*a*',
  'eq.a',
  '(eq.a)',
  '_eq.a',
  'eq(all).{a}',
  'in.(a)',
  '',
]

const BEFORE = ['', 'not.', '!', 'NOT.', 'not ', '$', '_', '-', '.']

interface Asked {
  query: string
  isNegative: boolean
}

const isNegated = (before: string) => /not|!/i.test(before)

const encode = (name: string, value: string) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`

function* inValues(): Generator<Asked> {
  const words = [
    ...POSITIVE.split(' ').map((word) => [word, false] as const),
    ...NEGATIVE.split(' ').map((word) => [word, true] as const),
  ]
  for (const [index, [word, isOpposite]] of words.entries())
    for (const [place, before] of BEFORE.entries()) {
      // Each operator with a part of the values, so that every two of them meet.
      const value = VALUES[(index + place * 5) % VALUES.length] as string
      const isNegative = isNegated(before) !== isOpposite
      // A bare word, known as an operator or not, is a value.
      const end = ['.', ':', value === '' ? '.' : ' '][(index + place) % 3]
      yield { query: encode('name', `${before}${word}${end}${value}`), isNegative }
    }
  for (const [word, isNegative] of words) {
    for (const query of [
      encode(`name[${word}]`, 'eq.a'),
      encode(`name__${word}`, ' a'),
      encode('tags', `${word}.a`),
    ])
      yield { query, isNegative }
    yield { query: encode(`not[name][${word}]`, 'a'), isNegative: !isNegative }
    yield { query: encode(`or[0][name][${word}]`, '"a"'), isNegative }
  }
}

function* inSigns(): Generator<Asked> {
  for (const [sign, isNegative] of SIGNS)
    for (const value of VALUES) {
      for (const text of [`${sign}${value}`, `${sign} ${value}`, ` ${sign} ${value}`])
        yield { query: encode('name', text), isNegative }
      yield { query: `name%20${sign}%20${encodeURIComponent(value)}`, isNegative }
      yield { query: `name${sign}${encodeURIComponent(value)}`, isNegative }
    }
}

t.test('within a group no filter is advised', async (t) => {
  const send = await start(t as never)
  for (const word of `${POSITIVE} ${NEGATIVE}`.split(' '))
    for (const group of [
      `or=(name.${word}.a)`,
      `and=(age.gt.0,name.not.${word}.a,2)`,
      `or=(and(name.${word}))`,
    ]) {
      const refused = await send(
        'DELETE',
        `/thing?${encode(...(group.split(/=(.*)/s) as [string, string]))}`,
        undefined,
        PREFER,
      )
      if (refused.statusCode !== 204 && refused.statusCode !== 200)
        t.notMatch(refused.json().hint ?? '', /Write/, group)
    }
  const { hint } = (await send('GET', '/thing?or=(name.nlike.a)')).json()
  t.match(hint, /^Within or=\(\.\.\) .* field\.not\.operator\.value\. Operators: eq, neq,/)
  for (const name of ['page', 'sort', 'search', 'order', 'age__gt', 'nope'])
    t.notMatch((await send('GET', `/thing?or=(${name}.foo.a)`)).json().hint, /Write/, name)
})

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

t.test('advice that is followed selects neither everything nor the opposite', async (t) => {
  const send = await start(t as never)
  const advised = new Map<string, boolean[]>()
  for (const { query, isNegative } of [...inValues(), ...inSigns()]) {
    const refused = await send('DELETE', `/thing?${query}`, undefined, PREFER)
    if (refused.statusCode === 200) continue
    const [, spelled] = /Write (\S+)/.exec(refused.json().hint ?? '') ?? []
    if (spelled === undefined) continue
    advised.set(spelled, [...(advised.get(spelled) ?? []), isNegative])
    const followed = await send('DELETE', `/thing?${spelled}`, undefined, PREFER)
    const names = followed.json().map(({ name }: { name: string | null }) => name)
    t.notOk(names.includes(isNegative ? 'a' : 'zz'), `${decodeURIComponent(query)} -> ${spelled}`)
    t.notOk(names.length === RECORDS.length, `${query} -> ${spelled}`)
  }
  t.ok(advised.size > 10, 'some advice is given')
})
