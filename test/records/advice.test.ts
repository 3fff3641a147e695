// Advice in refusals of queries: it names what the parameter is not, and every spelling that it advises is accepted.
import t from 'tap'
import { ADMIN, as, signIn, startWithAdmin } from '../support/app.ts'

const TEACHER = { entity_name: 'teacher', fields: [{ name: 'name', type: 'string' }] }

const THING = {
  entity_name: 'thing',
  fields: [
    { name: 'name', type: 'string' },
    { name: 'age', type: 'integer' },
    { name: 'price', type: 'decimal' },
    { name: 'flag', type: 'boolean' },
    { name: 'born', type: 'date' },
    { name: 'seen', type: 'datetime' },
    { name: 'tags', type: 'array', items: { type: 'string' } },
    { name: 'meta', type: 'json' },
    { name: 'level', type: 'enum', values: ['a', 'b'] },
    { name: 'teacher', type: 'relation', entity: 'teacher' },
    { name: 'helper', type: 'relation', entity: 'teacher' },
    { name: 'page_count', type: 'integer' },
  ],
}

async function start(test: typeof t) {
  const { app } = await startWithAdmin(test)
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  for (const entity of [TEACHER, THING]) await send('POST', '/schemas', entity)
  return send
}

/** The query, a part of the detail, and the spelling that is advised. */
const advice: [search: string, detail: RegExp, spelling: string | undefined][] = [
  // Parameters of other APIs.
  ['page=2', /no field "page"/, 'limit=100&offset=100'],
  ['page=3&per_page=20', /no field "page"/, 'limit=20&offset=40'],
  ['limit=10&page=2', /no field "page"/, 'offset=10'],
  ['page[number]=2&page[size]=5', /no field "page\[number\]"/, 'limit=5&offset=5'],
  ['page[size]=5', /no field "page\[size\]"/, 'limit=5'],
  ['per_page=20', /no field "per_page"/, 'limit=20'],
  ['pageSize=20', /no field "pageSize"/, 'limit=20'],
  ['$top=5', /no field "\$top"/, 'limit=5'],
  ['skip=20', /no field "skip"/, 'offset=20'],
  ['sort=-name', /no field "sort"/, 'order=name.desc'],
  ['sort=name', /no field "sort"/, 'order=name'],
  ['sort=-name,age', /no field "sort"/, 'order=name.desc,age'],
  ['sort=name:desc', /no field "sort"/, 'order=name.desc'],
  ['sort=name,desc', /no field "sort"/, 'order=name.desc'],
  ['sort=nope', /no field "sort"/, 'order=created_at.desc'],
  ['sort[name]=desc', /no field "sort\[name\]"/, 'order=name.desc'],
  ['_sort=name&_order=desc', /no field "_sort"/, 'order=name.desc'],
  ['sort_by=name&direction=desc', /no field "sort_by"/, 'order=name.desc'],
  ['$orderby=name desc', /no field "\$orderby"/, 'order=name.desc'],
  ['search=x', /no field "search"/, 'name=ilike.*x*'],
  ['q=50%25', /no field "q"/, 'name=ilike.*50%5C%25*'],
  ['fields=name,age', /no field "fields"/, 'select=name,age'],
  ['fields=name, age', /no field "fields"/, 'select=name,age'],
  ['fields[thing]=name', /no field "fields\[thing\]"/, 'select=name'],
  ['include=teacher', /no field "include"/, 'select=*,teacher(*)'],
  ['populate=*', /no field "populate"/, 'select=*,teacher(*)'],
  ['filter={"name":"Ada"}', /no field "filter"/, 'name=eq.Ada'],
  ['filter[name]=Ada', /no field "filter\[name\]"/, 'name=eq.Ada'],
  ['filter[age][gte]=5', /no field "filter\[age\]\[gte\]"/, 'age=gte.5'],
  ['filters[name][$contains]=da', /no field "filters\[name\]/, 'name=ilike.*da*'],
  ["$filter=name eq 'Ada'", /no field "\$filter"/, 'name=eq.Ada'],
  ['where=1', /no field "where"/, undefined],
  ['where=(name,eq,a)', /no field "where"/, 'name=eq.a'],
  ['where=(name,eq,a)~and(age,gt,1)', /no field "where"/, undefined],
  ['filter=name~"a"', /no field "filter"/, 'name=ilike.*a*'],
  ["filter=name='a' && age>1", /no field "filter"/, undefined],
  ['filter=age > 1', /no field "filter"/, 'age=gt.1'],
  ['$filter=age gt 1', /no field "\$filter"/, 'age=gt.1'],
  ['$filter=age gt 1 and age lt 5', /no field "\$filter"/, undefined],
  ['filter={"name":{"_eq":"a"}}', /no field "filter"/, 'name=eq.a'],
  ['filter={"name":{"_eq":"a"},"age":1}', /no field "filter"/, undefined],
  ['filter={"age":{"_in":[1,2]}}', /no field "filter"/, undefined],
  ['where={"name":null}', /no field "where"/, 'name=is.null'],
  ['filter=name != null', /no field "filter"/, 'name=not.is.null'],
  ['filter=(name="a")', /no field "filter"/, 'name=eq.a'],
  ["$filter=contains(name,'a')", /no field "\$filter"/, 'name=ilike.*a*'],
  ['filters[$not][name][$eq]=a', /no field "filters/, undefined],
  ['age_not_in=1,2', /no field "age_not_in"/, 'age=not.in.(1,2)'],
  ['age.not.eq=1', /no field "age.not.eq"/, 'age=neq.1'],
  ['name!=null', /no field "name!"/, 'name=not.is.null'],
  ['name=not.a', /does not begin/, 'name=not.eq.a'],
  ['flag=notchecked.', /operator notchecked/, 'flag=not.is.true'],
  ['name=doesNotContain.a', /operator doesNotContain/, 'name=not.ilike.*a*'],
  ['search=', /no field "search"/, undefined],
  ['_limit=5', /no field "_limit"/, 'limit=5'],
  ['$select=name', /no field "\$select"/, 'select=name'],
  ['pagination[page]=2', /no field "pagination\[page\]"/, 'limit=100&offset=100'],
  ['pagination[page]=2&pagination[pageSize]=5', /no field "pagination\[page\]"/, 'limit=5&offset=5'],
  ['pagination[pageSize]=5', /no field "pagination\[pageSize\]"/, 'limit=5'],
  ['order[name]=desc', /no field "order\[name\]"/, 'order=name.desc'],
  ['sort[0][field]=name&sort[0][direction]=desc', /no field "sort\[0\]\[field\]"/, 'order=name.desc'],
  ['sort[0][field]=name', /no field "sort\[0\]\[field\]"/, 'order=name'],
  ['distinct=name', /no field "distinct"/, 'select=name,count()'],
  ['age[gte]=5', /no field "age\[gte\]"/, 'age=gte.5'],
  ['age__gte=5', /no field "age__gte"/, 'age=gte.5'],
  ['age_gte=5', /no field "age_gte"/, 'age=gte.5'],
  ['name__icontains=x', /no field "name__icontains"/, 'name=ilike.*x*'],
  ['age.gte=5', /no field "age.gte"/, 'age=gte.5'],
  ['age%3E=5', /no field "age>"/, 'age=gte.5'],
  ['age%3E5', /no field "age>5"/, 'age=gt.5'],
  ['age!=5', /no field "age!"/, 'age=neq.5'],
  ['count=true', /no field "count"/, undefined],
  ['format=csv', /no field "format"/, undefined],
  ['nope=1', /no field "nope"/, undefined],

  // Operators.
  ['name=match.^a', /operator match \(a regular expression\) is not offered/, 'name=like.a*'],
  ['name=match.^a$', /operator match/, 'name=like.a'],
  ['name=imatch.a.*b$', /operator imatch/, 'name=ilike.*a*b'],
  ['name=match.[a-z]', /operator match/, undefined],
  ['name=not.match.^a', /operator match/, 'name=not.like.a*'],
  ['name=fts.cat', /operator fts \(full-text search\) is not offered/, 'name=ilike.*cat*'],
  ['name=plfts(english).fat cat', /operator plfts/, 'name=ilike.*fat*cat*'],
  ['age=adj.[1,5)', /operator adj \(of ranges\) is not offered/, 'age=gte.1&age=lt.5'],
  ['age=sl.[1,5)', /operator sl/, 'age=lt.1'],
  ['age=sr.[1,5)', /operator sr/, 'age=gt.5'],
  ['age=nxl.[1,5)', /operator nxl/, 'age=gte.1'],
  ['age=nxr.[1,5)', /operator nxr/, 'age=lte.5'],
  ['age=fts.x', /operator fts/, undefined],
  ['name=ne.x', /operator ne is not offered/, 'name=neq.x'],
  ['name=contains.x', /operator contains/, 'name=ilike.*x*'],
  ['tags=contains.x', /operator contains/, 'tags=cs.{x}'],
  ['name=startsWith.x', /operator startsWith/, 'name=ilike.x*'],
  ['age=nin.(1,2)', /operator nin/, 'age=not.in.(1,2)'],
  ['age=between.1,5', /operator between/, 'age=gte.1&age=lte.5'],
  ['age=%3E5', /operator > is not offered/, 'age=gt.5'],
  ['age=gte:5', /does not begin/, 'age=gte.5'],
  ['name=nlike.a', /operator nlike is not offered/, 'name=not.like.*a*'],
  ['name=notlike.a', /operator notlike/, 'name=not.like.*a*'],
  ['name=not_like.a', /operator not_like/, 'name=not.like.*a*'],
  ['age=isnot.null', /operator isnot/, 'age=not.is.null'],
  ['age=is_not.null', /operator is_not/, 'age=not.is.null'],
  ['name=nnull.true', /operator nnull/, 'name=not.is.null'],
  ['name=blank.', /operator blank/, 'name=is.null'],
  ['name=ieq.a', /operator ieq/, 'name=ilike.a'],
  ['name=has.a', /operator has/, 'name=ilike.*a*'],
  ['tags=has.a', /operator has/, 'tags=cs.{a}'],
  ['tags=anyof.a,b', /operator anyof/, 'tags=ov.{a,b}'],
  ['name=EQ.a', /operator EQ/, 'name=eq.a'],
  ['name=IN.(a)', /operator IN/, 'name=in.(a)'],
  ['name=Like.a*', /operator Like/, 'name=like.a*'],
  ['name=NOT.eq.a', /operator NOT/, 'name=not.eq.a'],
  ['name=eq(some).{a}', /operator eq\(some\)/, 'name=eq(any).{a}'],
  ['age=not.between.1,5', /operator between/, 'not.and=(age.gte.1,age.lte.5)'],
  ['age=nbetween.1,5', /operator nbetween/, 'not.and=(age.gte.1,age.lte.5)'],
  ['born=after.2020-01-01', /operator after/, 'born=gt.2020-01-01'],
  ['born=before.2020-01-01', /operator before/, 'born=lt.2020-01-01'],
  ['name=contains.', /operator contains/, 'name=eq.'],
  ['name=match..*', /operator match/, undefined],
  ['age=nin.', /operator nin/, undefined],
  ['age=similar.5', /operator similar is not offered/, undefined],
  ['name=similar.5', /operator similar is not offered/, undefined],

  // Values without an operator.
  ['name=John', /"John" does not begin with an operator/, 'name=eq.John'],
  ['name=a%26b c', /does not begin/, 'name=eq.a%26b%20c'],
  ['name=', /does not begin/, 'name=eq.'],
  ['name=null', /does not begin/, 'name=is.null'],
  ['age=5', /does not begin/, 'age=eq.5'],
  ['age=x', /does not begin/, undefined],
  ['page_count=7', /does not begin/, 'page_count=eq.7'],
  ['flag=true', /does not begin/, 'flag=eq.true'],
  ['meta->>size=L', /does not begin/, 'meta->>size=eq.L'],
  ['or=(name.John,age.eq.1)', /does not begin/, undefined],
  ['teacher.name=John&select=*,teacher(*)', /does not begin/, undefined],
  ['teacher.name=match.^a&select=*,teacher(*)', /operator match .* is not offered/, undefined],
  ['teacher.page=2&select=*,teacher(*)', /does not begin/, undefined],

  // Orders.
  ['order=-name', /order/, 'order=name.desc'],
  ['order=name desc', /order/, 'order=name.desc'],
  ['order=name.DESC', /order/, 'order=name.desc'],
  ['order=-nope', /order/, undefined],
  ['order=name:asc,age:desc', /order/, 'order=name,age.desc'],
]

t.test('advice names what to use, and following it works', async (t) => {
  const send = await start(t as never)
  for (const [search, detail, spelling] of advice) {
    const refused = await send('GET', `/thing?${search}`)
    t.equal(refused.statusCode, 400, search)
    const { detail: found, hint = '' } = refused.json()
    t.match(found, detail, search)
    const advised = /Write (\S+)/.exec(hint)?.[1]
    t.equal(advised, spelling, `${search}: ${hint}`)
    if (advised === undefined) continue
    const followed = await send('GET', `/thing?${advised}`)
    t.equal(followed.statusCode, 200, `${search}: ${advised}`)
  }
})

t.test('advice on select can be followed', async (t) => {
  const send = await start(t as never)
  const between = [
    { name: 'left', type: 'relation', entity: 'teacher' },
    { name: 'right', type: 'relation', entity: 'teacher' },
    { name: 'room', type: 'relation', entity: 'room' },
  ]
  await send('POST', '/schemas', { entity_name: 'room', fields: [{ name: 'name', type: 'string' }] })
  await send('POST', '/schemas', { entity_name: 'lesson', fields: between })
  const hintOf = async (url: string) => (await send('GET', url)).json().hint as string
  const order = /Write (\S+)/.exec(
    await hintOf('/teacher?select=name,thing!helper(name)&thing.order=-name'),
  )?.[1]
  t.equal(order, 'thing.order=name.desc')
  for (const select of ['sum()', 'name.sum()', 'tags.max()']) {
    const [, advised = ''] = /Write (\S+)/.exec(await hintOf(`/thing?select=${select}`)) ?? []
    t.equal((await send('GET', `/thing?${advised}`)).statusCode, 200, `${select}: ${advised}`)
  }
  t.match(await hintOf('/thing?select=name,name:age'), / name_2:age$/)
  t.equal((await send('GET', '/thing?select=name,name_2:age')).statusCode, 200)
  for (const url of ['/teacher?select=thing(*)', '/room?select=teacher(*)']) {
    const embeds = (await hintOf(url)).match(/\w+!"?\w+"?\(\*\)/g) ?? []
    t.equal(new Set(embeds).size, 2, url)
    for (const embed of embeds)
      t.equal((await send('GET', url.replace(/=.*/, `=${embed}`))).statusCode, 200, `${url}: ${embed}`)
  }
})

t.test('a number that no integer holds is advised for what holds it', async (t) => {
  const send = await start(t as never)
  const body = (json: string) => send('POST', '/thing', json as never, { 'content-type': 'application/json' })
  const refused = await body('{"age": 9007199254740993, "price": 9007199254740993}')
  t.match(refused.json().errors, [{ pointer: '/age' }, { pointer: '/price' }])
  t.match(refused.json().detail, /no field of type integer holds/)
  t.equal((await body('{"price": "9007199254740993", "name": "9007199254740993"}')).statusCode, 201)
  t.match((await send('GET', '/thing?age=eq.9007199254740993')).json(), { detail: /9007199254740991/ })
  t.match((await send('GET', '/thing?age=eq.null')).json(), { hint: /^Null is found by is\.null/ })
  for (const query of ['age=neq.null', 'age=not.eq.null'])
    t.match((await send('GET', `/thing?${query}`)).json(), { hint: /is not null by not\.is\.null$/ }, query)
  t.equal((await send('GET', '/audit?created_at=gt.now-1m')).statusCode, 200)
})

t.test('what writes and single records take is advised to them', async (t) => {
  const send = await start(t as never)
  const id = (await send('POST', '/thing', { name: 'Ada' })).json().id
  const patched = await send('PATCH', '/thing?name=Ada', { age: 1 })
  t.match(patched.json(), { status: 400, hint: /^Write name=eq.Ada / })
  const paged = await send('PATCH', '/thing?page=2', { age: 1 })
  t.match(paged.json(), { status: 400, detail: /no field "page"/ })
  t.notMatch(paged.json().hint, /Write/)
  t.match((await send('GET', `/thing/${id}?page=2`)).json(), { status: 400, detail: /takes no filter/ })
  t.match((await send('GET', `/thing/${id}?fields=name`)).json(), { hint: /^Write select=name / })
  t.match((await send('POST', '/thing?page=2', {})).json(), { status: 400, detail: /takes no filter/ })
  t.match((await send('DELETE', '/thing')).json(), { hint: /^Write id=not.is.null / })
  t.match((await send('GET', '/audit?page=2')).json(), {
    detail: /no field "page"/,
    hint: /limit and offset/,
  })
})

t.test('no advice on a filter that is not understood selects everything', async (t) => {
  const send = await start(t as never)
  await send('POST', '/thing', [
    { name: 'Bob', age: 1, tags: [] },
    { name: 'Cy', tags: ['x'] },
  ])
  const filters = ['where=(a,b', 'filter=x', '$filter=a or b', 'search=', 'filter[x][y][z]=1', 'q=%20']
  const values = ['name=contains.', 'tags=contains.', 'age=nin.', 'name=fts..', 'id=exists.', 'name=match.']
  for (const query of [...filters, ...values]) {
    const refused = await send('DELETE', `/thing?${query}`)
    t.equal(refused.statusCode, 400, query)
    for (const [advised] of refused.json().hint.matchAll(/\b[\w]+=[^\s:]+(?=[\s:])/g)) {
      await send('DELETE', `/thing?${advised}`)
      t.equal((await send('GET', '/thing')).json().length, 2, `${query}: ${advised}`)
    }
  }
  const { detail, hint } = (await send('DELETE', '/thing?where=(a,b')).json()
  t.match(detail, /no field "where"/)
  t.match(hint, /^This syntax of a filter is not offered\. .* such as name=eq\.Ada: .*docs\/queries\.md/)
})

t.test('files, the audit log and row filters are advised on as records are', async (t) => {
  const send = await start(t as never)
  const followed = async (path: string, query: string, advised: string | undefined) => {
    const refused = await send('GET', `${path}?${query}`)
    t.equal(refused.statusCode, 400, query)
    t.equal(/Write (\S+)/.exec(refused.json().hint)?.[1], advised, `${query}: ${refused.json().hint}`)
    if (advised !== undefined) t.equal((await send('GET', `${path}?${advised}`)).statusCode, 200, advised)
    return refused.json()
  }
  for (const path of ['/files/', '/audit']) {
    t.match(await followed(path, 'page=2', 'limit=100&offset=100'), { code: 'unknown_field' })
    await followed(path, 'sort=-created_at', 'order=created_at.desc')
    await followed(path, 'order=-created_at', 'order=created_at.desc')
    const between = 'created_at=gte.2020-01-01&created_at=lte.2021-01-01'
    t.match(await followed(path, 'created_at=between.2020-01-01,2021-01-01', between), {
      code: 'unknown_operator',
    })
    await followed(path, 'filter=nope', undefined)
    await followed(path, 'nope=1', undefined)
  }
  await followed('/files/', 'search=x', 'filename=ilike.*x*')
  await followed('/files/', 'filename=match.^a', 'filename=like.a*')
  await followed('/files/', 'in_use=true', 'in_use=eq.true')
  await followed('/files/', 'size[gt]=3', 'size=gt.3')
  await followed('/audit', 'search=x', 'action=ilike.*x*')
  await followed('/audit', 'details->>role=admin', 'details->>role=eq.admin')
  t.notMatch((await send('GET', '/files/?url=eq.x')).json().hint, /url/)
  t.notMatch((await send('GET', '/files/?order=in_use')).json().hint, /in_use/)

  const rule = async (read: string) => {
    const refused = await send('PUT', '/schemas/thing/permissions/user', { read })
    t.equal(refused.statusCode, 400, read)
    return refused.json().errors[0].message as string
  }
  const rules: [string, RegExp, string | undefined][] = [
    ['name=match.^a', /operator match/, 'name=like.a*'],
    ['search=x', /no field "search"/, 'name=ilike.*x*'],
    ['page=2', /no field "page".*takes filters .* and nothing else/, undefined],
    ['age=x', /Operators: eq, neq, gt, gte, lt, lte, in, is, isdistinct$/, undefined],
    ['created_by=$user.id', /does not begin/, 'created_by=eq.$user.id'],
    ['age->x=5', /no inner values/, undefined],
  ]
  for (const [read, message, advised] of rules) {
    const found = await rule(read)
    t.match(found, message, read)
    t.equal(/Write (\S+)/.exec(found)?.[1], advised, found)
    const body = { read: advised }
    if (advised !== undefined)
      t.equal((await send('PUT', '/schemas/thing/permissions/user', body)).statusCode, 200, advised)
  }
  const long = await rule(`name=eq.${'x'.repeat(40_000)}`)
  t.match(long, /at most 32768 characters/)
  t.notMatch(long, /POST/)
})

t.test('whatever a parameter is called, advice on it can be followed', async (t) => {
  const send = await start(t as never)
  const names = [
    'page',
    'limit',
    'sort',
    'order',
    'search',
    'fields',
    'include',
    'filter',
    'where',
    'distinct',
    'x[y]',
  ]
  const values = [
    '',
    '0',
    '-1',
    '2',
    'x',
    'name',
    'a b',
    '%00',
    '*',
    '{}',
    '[1,2]',
    'null',
    'ä',
    "'",
    '"',
    'teacher',
    '1e9',
  ]
  for (const name of [
    ...names,
    'name',
    'age',
    'tags',
    'meta',
    'born',
    'teacher',
    'age__lt',
    'name[like]',
    'tags[in]',
  ])
    for (const value of values) {
      const refused = await send('GET', `/thing?${name}=${encodeURIComponent(value)}`)
      if (refused.statusCode === 200) continue
      t.equal(refused.statusCode, 400, `${name}=${value}`)
      const advised = /Write (\S+)/.exec(refused.json().hint ?? '')?.[1]
      if (advised !== undefined)
        t.equal((await send('GET', `/thing?${advised}`)).statusCode, 200, `${name}=${value}: ${advised}`)
    }
})
