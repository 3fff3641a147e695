// @raphiniert/ra-data-postgrest, the react-admin data provider, unmodified: each of its methods.
import { createRequire } from 'node:module'
import t from 'tap'
import { startSchool } from '../support/clients/school.ts'

const {
  default: dataProvider,
  defaultPrimaryKeys,
  defaultSchema,
} = createRequire(import.meta.url)(
  '@raphiniert/ra-data-postgrest',
) as typeof import('@raphiniert/ra-data-postgrest')

interface Options {
  method?: string
  headers?: Headers
  body?: string
}

/** As react-admin's fetchUtils.fetchJson, with the token of whoever is signed in. */
function httpClientOf(token: string) {
  return async (
    url: string,
    { headers = new Headers({ Accept: 'application/json' }), ...options }: Options = {},
  ) => {
    headers.set('Authorization', `Bearer ${token}`)
    const answer = await fetch(url, { ...options, headers })
    const body = await answer.text()
    const json = body === '' ? undefined : JSON.parse(body)
    if (!answer.ok)
      throw Object.assign(new Error(json?.message ?? answer.statusText), {
        status: answer.status,
        body: json,
      })
    return { status: answer.status, headers: answer.headers, body, json }
  }
}

/** What a call is refused with. */
async function refusalOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  )
}

t.test('the react-admin data provider', async (t) => {
  const { base, token, ada, math, art, students } = await startSchool(t)
  const [eve, fay, gus, hal] = students
  const provider = dataProvider({
    apiUrl: base,
    httpClient: httpClientOf(token),
    defaultListOp: 'eq',
    primaryKeys: defaultPrimaryKeys,
    schema: defaultSchema,
  })
  const list = async (filter: object, more: object = {}) => {
    const { data, total } = await provider.getList('student', {
      pagination: { page: 1, perPage: 10 },
      sort: { field: 'name', order: 'ASC' },
      filter,
      ...more,
    })
    return { names: data.map(({ name }: { name: string }) => name.slice(0, 3)), total }
  }

  await t.test('getList pages, sorts and tells the total', async (t) => {
    t.same(await list({}), { names: ['Eve', 'Fay', 'Gus', 'van'], total: 4 })
    const second = { pagination: { page: 2, perPage: 3 }, sort: { field: 'age', order: 'DESC' } }
    t.same(await list({}, second), { names: ['Fay'], total: 4 })
    const third = { pagination: { page: 3, perPage: 2 } }
    t.same(await list({}, third), { names: [], total: 4 }, 'a page that has just become empty')
    t.same(await list({}, { sort: { field: 'id', order: 'DESC' } }), {
      names: ['van', 'Gus', 'Fay', 'Eve'],
      total: 4,
    })
    const nulls = { sort: { field: 'age', order: 'ASC' }, meta: { nullsfirst: true } }
    t.same((await list({}, nulls)).names, ['van', 'Fay', 'Gus', 'Eve'])
  })

  await t.test('getList filters', async (t) => {
    t.same(await list({ name: 'Eve' }), { names: ['Eve'], total: 1 })
    t.same((await list({ 'age@gte': 10 })).names, ['Eve', 'Gus'])
    t.same((await list({ 'name@ilike': 'E' })).names, ['Eve', 'van'])
    t.same((await list({ 'name@ilike': 'berg der' })).names, ['van'], 'two words')
    t.same((await list({ 'name@ilike': 'van der berg' })).names, ['van'], 'three words')
    t.same((await list({ 'name@ilike': 'van nobody' })).names, [])
    t.same((await list({ 'id@in': `(${eve.id},${gus.id})` })).names, ['Eve', 'Gus'])
    t.same((await list({ 'age@is': 'null' })).names, ['van'])
    t.same((await list({ 'tags@cs': '{y}' })).names, ['Eve', 'Fay'])
    t.same((await list({ 'courses@cs': `{${math}}` })).names, ['Eve'])
    t.same((await list({ '@or': { 'name@ilike': 'gu', 'age@eq': 20 } })).names, ['Eve', 'Gus'])
    t.same((await list({ '@and': { 'age@gt': 9, 'age@lt': 20 } })).names, ['Gus'])
    t.same((await list({ 'meta->>a': 'text' })).names, ['Gus'])
  })

  await t.test('getList selects and embeds', async (t) => {
    const params = {
      pagination: { page: 1, perPage: 1 },
      sort: { field: 'title', order: 'DESC' },
      filter: {},
    } as const
    const columns = await provider.getList('course', { ...params, meta: { columns: ['id', 'title'] } })
    t.same(Object.keys(columns.data[0] ?? {}), ['id', 'title'])
    const embedded = await provider.getList('course', {
      ...params,
      filter: { title: 'Math' },
      meta: { embed: ['teacher'] },
    })
    t.match(embedded.data, [{ title: 'Math', teacher: { name: 'Ada' } }])
  })

  await t.test('getOne', async (t) => {
    t.same((await provider.getOne('student', { id: eve.id })).data, eve)
    const embedded = await provider.getOne('course', { id: math, meta: { embed: ['teacher'] } })
    t.match(embedded.data, { title: 'Math', teacher: { id: ada } })
    t.match(await refusalOf(provider.getOne('student', { id: ada })), {
      status: 406,
      body: { code: 'PGRST116' },
    })
  })

  await t.test('getMany', async (t) => {
    t.same((await provider.getMany('student', { ids: [eve.id] })).data, [eve])
    t.same((await provider.getMany('student', { ids: [gus.id, eve.id] })).data, [eve, gus])
    t.same((await provider.getMany('student', { ids: [] })).data, [])
  })

  await t.test('getManyReference', async (t) => {
    const { data, total } = await provider.getManyReference('course', {
      target: 'teacher',
      id: ada,
      pagination: { page: 1, perPage: 1 },
      sort: { field: 'title', order: 'ASC' },
      filter: {},
    })
    t.match({ data, total }, { data: [{ id: art, title: 'Art' }], total: 2 })
  })

  await t.test('create', async (t) => {
    const { data } = await provider.create('student', { data: { name: 'New', courses: [art] } })
    t.match(data, { id: String, name: 'New', level: 'a', courses: [art] })
    t.match(await refusalOf(provider.create('student', { data: { age: 1 } })), {
      status: 400,
      body: { errors: [{ pointer: '/name' }] },
    })
  })

  await t.test('update sends what has changed', async (t) => {
    const previousData = eve
    const { data } = await provider.update('student', { id: eve.id, data: { ...eve, age: 21 }, previousData })
    t.match(data, { id: eve.id, name: 'Eve', age: 21, email: eve.email })
    const missing = provider.update('student', { id: ada, data: { age: 1 }, previousData: {} as never })
    t.match(await refusalOf(missing), { status: 406 })
  })

  await t.test('updateMany', async (t) => {
    const { data } = await provider.updateMany('student', { ids: [fay.id, gus.id], data: { level: 'b' } })
    t.same(data, [fay.id, gus.id])
    t.same((await provider.updateMany('student', { ids: [hal.id], data: { level: 'a' } })).data, [hal.id])
    t.same((await list({ level: 'b' })).names, ['Fay', 'Gus'])
  })

  await t.test('delete and deleteMany', async (t) => {
    const { data } = await provider.delete('student', { id: eve.id, previousData: eve })
    t.match(data, { id: eve.id })
    t.same((await provider.deleteMany('student', { ids: [fay.id, gus.id] })).data, [fay.id, gus.id])
    t.same((await list({})).names, ['New', 'van'])
    const linked = provider.delete('course', { id: art, previousData: { id: art } })
    t.match(await refusalOf(linked), { status: 409 })
  })
})
