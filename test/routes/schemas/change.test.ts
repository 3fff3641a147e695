// Replacing a definition while records exist: what fits stays, what has to be filled is filled, and what does not fit
// refuses the change, by field, number and id, with nothing changed.
import t, { type Test } from 'tap'
import { asAdmin, startWithAdmin } from '../../support/app.ts'

type Send = Awaited<ReturnType<typeof asAdmin>>

type Json = Record<string, unknown>

const name = { name: 'name', type: 'string' }

/** An entity of its own with records; what is sent to it from then on. */
async function entity(send: Send, entity_name: string, definition: { fields: Json[]; unique?: string[][] }) {
  const defined = await send('POST', '/schemas', { entity_name, ...definition })
  if (defined.statusCode !== 201) throw new Error(defined.body)
  const put = async (fields: Json[], more: Json = {}) =>
    send('PUT', `/schemas/${entity_name}`, { fields, ...more })
  const add = async (...bodies: Json[]): Promise<string[]> => {
    const answer = await send('POST', `/${entity_name}`, bodies)
    if (answer.statusCode !== 201) throw new Error(answer.body)
    return answer.json().map(({ id }: { id: string }) => id)
  }
  const list = async (search = '') => (await send('GET', `/${entity_name}?${search}`)).json() as Json[]
  const get = () => send('GET', `/schemas/${entity_name}`)
  return { put, add, list, get }
}

type Entity = Awaited<ReturnType<typeof entity>>

/** A change that must be refused, with these violations, and leave definition and records as they are. */
async function refuses(test: Test, { put, list, get }: Entity, change: [Json[], Json?], errors: Json[]) {
  const before = [(await get()).body, JSON.stringify(await list())]
  const answer = await put(...change)
  test.equal(answer.statusCode, 409, answer.body)
  test.match(answer.json(), { code: 'records_violate_schema', errors }, answer.body)
  test.same([(await get()).body, JSON.stringify(await list())], before, 'nothing has changed')
}

t.test('a changed definition', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)

  await t.test('adds and drops fields, and a field that comes again is a new one', async (t) => {
    const e = await entity(send, 'again', { fields: [name, { name: 'note', type: 'string', indexed: true }] })
    await e.add({ name: 'a', note: 'old' })
    const note = { name: 'note', type: 'string', indexed: true }
    for (const type of ['string', 'integer', 'string']) {
      t.equal((await e.put([name])).statusCode, 200)
      t.notOk('note' in (await e.list())[0]!, 'a dropped field is gone')
      t.equal((await send('GET', '/again?note=eq.old')).statusCode, 400)
      t.equal((await e.put([name, { ...note, type }])).statusCode, 200)
      t.equal((await e.list())[0]?.note, null, 'the old value does not come back')
      t.same(await e.list(type === 'string' ? 'note=eq.old' : 'note=eq.1'), [])
      t.equal((await e.list('note=is.null')).length, 1)
    }
    await e.add({ name: 'b', note: 'new' })
    t.same(
      (await e.list('order=note.asc.nullslast')).map((r) => r.note),
      ['new', null],
    )
  })

  await t.test('is refused by records that lack what becomes required', async (t) => {
    const e = await entity(send, 'lacking', { fields: [name] })
    const ids = await e.add({ name: 'a' }, {}, {}, {}, {}, {}, {})
    const message = new RegExp(`6 records.*${ids[1]}, .*, \\.\\.\\.`)
    await refuses(t, e, [[{ ...name, required: true }]], [{ pointer: '/name', keyword: 'required', message }])
    const more = { name: 'more', type: 'integer', required: true }
    await refuses(t, e, [[name, more]], [{ pointer: '/more', keyword: 'required', message: /7 records/ }])
    t.equal(
      (
        await e.put([
          { ...name, required: true, default: 'anon' },
          { ...more, default: 7 },
        ])
      ).statusCode,
      200,
    )
    t.same(
      (await e.list()).map((r) => [r.name, r.more]),
      [['a', 7], ...Array(6).fill(['anon', 7])],
    )
    t.equal((await e.list('more=eq.7')).length, 7, 'what was filled in is found')
    t.equal((await e.list('name=eq.anon')).length, 6)
  })

  await t.test('fills nothing for a default alone', async (t) => {
    const e = await entity(send, 'defaulted', { fields: [name] })
    await e.add({ name: 'a' })
    t.equal((await e.put([name, { name: 'size', type: 'integer', default: 3 }])).statusCode, 200)
    await e.add({ name: 'b' })
    t.same(
      (await e.list()).map((r) => r.size),
      [null, 3],
    )
  })

  await t.test('is refused by values that a tighter constraint does not allow', async (t) => {
    const fields = [
      name,
      { name: 'age', type: 'integer' },
      { name: 'price', type: 'decimal', scale: 3 },
      { name: 'level', type: 'enum', values: ['a', 'b', 'c'] },
      { name: 'tags', type: 'array', items: { type: 'string' } },
      { name: 'home', type: 'object', fields: [{ name: 'city', type: 'string' }] },
    ]
    const e = await entity(send, 'tight', { fields })
    const [first, second] = await e.add(
      { name: 'long name', age: -1, price: '1.234', level: 'c', tags: ['x', 'yy'], home: { city: 'Rome' } },
      { name: 'n', age: 200, price: '1', level: 'a', tags: [], home: {} },
      {},
    )
    const tighter = [
      { ...name, max_length: 3, pattern: '^[a-m]' },
      { name: 'age', type: 'integer', min: 0, max: 150 },
      { name: 'price', type: 'decimal', scale: 2 },
      { name: 'level', type: 'enum', values: ['a', 'b'] },
      { name: 'tags', type: 'array', items: { type: 'string', max_length: 1 }, min_items: 1 },
      {
        name: 'home',
        type: 'object',
        fields: [{ name: 'city', type: 'string', required: true, max_length: 3 }],
      },
    ]
    await refuses(
      t,
      e,
      [tighter],
      [
        { pointer: '/name', keyword: 'maxLength', message: new RegExp(`1 record .*${first}`) },
        { pointer: '/age', keyword: 'minimum', message: new RegExp(`1 record .*${first}`) },
        { pointer: '/price', keyword: 'scale' },
        { pointer: '/level', keyword: 'enum', message: /a, b/ },
        { pointer: '/tags/1', keyword: 'maxLength' },
        { pointer: '/home/city', keyword: 'maxLength' },
        { pointer: '/name', keyword: 'pattern', message: new RegExp(`1 record .*${second}`) },
        { pointer: '/age', keyword: 'maximum', message: new RegExp(`1 record .*${second}`) },
        { pointer: '/tags', keyword: 'minItems' },
        { pointer: '/home/city', keyword: 'required' },
      ],
    )
    await e.add({ name: 'ok' })
    t.equal((await e.put([{ ...name, max_length: 9 }, ...fields.slice(1)])).statusCode, 200, 'one that fits')
    t.equal((await send('POST', '/tight', { name: '0123456789' })).statusCode, 400, 'is in force')
    t.equal((await e.put(fields)).statusCode, 200)
    t.equal((await send('POST', '/tight', { name: '0123456789' })).statusCode, 201, 'and no longer')
  })

  await t.test('makes unique what exists once, and is refused by what exists twice', async (t) => {
    const code = { name: 'code', type: 'string' }
    const e = await entity(send, 'once', { fields: [name, code] })
    const [a, b] = await e.add(
      { name: 'a', code: 'x' },
      { name: 'b', code: 'x' },
      { name: 'b', code: 'y' },
      {},
      {},
    )
    await refuses(
      t,
      e,
      [[name, { ...code, unique: true }]],
      [{ pointer: '/code', keyword: 'unique', message: new RegExp(`2 records .*${a}`) }],
    )
    await refuses(
      t,
      e,
      [[{ ...name, unique: true }, code]],
      [{ pointer: '/name', keyword: 'unique', message: new RegExp(`2 records .*${b}`) }],
    )
    t.equal((await e.put([name, code], { unique: [['name', 'code']] })).statusCode, 200)
    t.equal((await send('POST', '/once', { name: 'a', code: 'x' })).statusCode, 409)
    t.equal((await send('POST', '/once', { name: 'a', code: 'y' })).statusCode, 201)
    const patched = await send('PATCH', `/once/${b}`, { name: 'a' })
    t.match(
      patched.json(),
      { status: 409, errors: [{ pointer: '/name', message: /code/ }] },
      'one part of two',
    )
    t.equal((await send('PATCH', `/once/${b}`, { name: null })).statusCode, 200, 'null is equal to nothing')
    t.equal((await e.put([name, code])).statusCode, 200)
    t.equal((await send('POST', '/once', { name: 'a', code: 'x' })).statusCode, 201, 'and no longer')
  })

  await t.test('gives one constraint the place of another without mixing their values up', async (t) => {
    const fields = (...unique: string[]) =>
      [...'abcde'].map((field) => ({ name: field, type: 'integer', unique: unique.includes(field) }))
    const e = await entity(send, 'swap', { fields: fields('a', 'b', 'c', 'd') })
    await e.add(
      { a: 1, b: 1, c: 1, d: 1, e: 2 },
      { a: 2, b: 2, c: 2, d: 2, e: 3 },
      { a: 3, b: 3, c: 3, d: 3, e: 1 },
    )
    t.equal((await e.put(fields('b', 'c', 'd', 'e'))).statusCode, 200)
    t.equal((await send('POST', '/swap', { a: 1 })).statusCode, 201, 'a is free')
    t.equal((await send('POST', '/swap', { e: 3 })).statusCode, 409, 'e is not')
    t.equal((await e.put(fields())).statusCode, 200)
    await e.add({ b: 9, c: 9 }, { b: 8, c: 9 })
    t.equal((await e.put(fields('b'))).statusCode, 200)
    t.equal((await send('POST', '/swap', { b: 8 })).statusCode, 409, 'what was written in between counts')
  })

  await t.test('takes a value over into another type only when it fits', async (t) => {
    const fields = (type: string, more: Json = {}) => [{ name: 'v', type, indexed: true, ...more }]
    const e = await entity(send, 'types', { fields: fields('integer') })
    await e.add({ v: 2 }, { v: 10 }, {})
    await refuses(t, e, [fields('date')], [{ pointer: '/v', keyword: 'type', message: /2 records/ }])
    await refuses(t, e, [fields('boolean')], [{ pointer: '/v', keyword: 'type' }])
    t.equal((await e.put(fields('float'))).statusCode, 200)
    t.same(
      (await e.list('order=v&v=gt.1.5')).map((r) => r.v),
      [2, 10],
    )
    const text = await entity(send, 'texts', { fields: [{ name: 'v', type: 'string', unique: true }] })
    await text.add({ v: '2020-01-02' }, { v: '2019-12-31' })
    await refuses(
      t,
      text,
      [[{ name: 'v', type: 'email', unique: true }]],
      [{ pointer: '/v', keyword: 'format' }],
    )
    t.equal((await text.put([{ name: 'v', type: 'date', unique: true }])).statusCode, 200)
    t.same(
      (await text.list('v=lt.2020-01-01')).map((r) => r.v),
      ['2019-12-31'],
    )
    t.equal((await send('POST', '/texts', { v: '2020-01-02' })).statusCode, 409, 'still unique')
  })

  await t.test('is refused while a field would point elsewhere', async (t) => {
    for (const entity_name of ['north', 'south']) await entity(send, entity_name, { fields: [name] })
    const fields = (to: string, many = false) => [{ name: 'to', type: 'relation', entity: to, many }]
    const e = await entity(send, 'compass', { fields: fields('north') })
    t.match((await e.put(fields('south'))).json(), { status: 400, code: 'cannot_convert' })
    t.equal((await e.put([])).statusCode, 200)
    t.equal((await e.put(fields('south', true))).statusCode, 200, 'as a new field it may')
  })

  await t.test('never leads to an entity that goes at the same time', async (t) => {
    const e = await entity(send, 'leading', { fields: [name] })
    for (let round = 0; round < 8; round++) {
      await entity(send, 'leaving', { fields: [name] })
      const fields = [name, { name: `to${round}`, type: 'relation', entity: 'leaving' }]
      const [put, gone] = await Promise.all([e.put(fields), send('DELETE', '/schemas/leaving')])
      t.not(`${put.statusCode} ${gone.statusCode}`, '200 204')
      t.notOk([put.statusCode, gone.statusCode].some((status) => status >= 500))
      t.equal((await e.put([name])).statusCode, 200)
      await send('DELETE', '/schemas/leaving')
    }
  })
})
