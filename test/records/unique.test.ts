// Unique values, single and in combination: one record has one, whoever asks at the same time and on whatever instance.
import t from 'tap'
import { asAdmin, startApp, startWithAdmin } from '../support/app.ts'

const AT_ONCE = 50

t.test('unique values', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const here = await asAdmin(app)
  const there = await asAdmin(await startApp(t, database))
  const field = (name: string, type: string, more: object = {}) => ({ name, type, ...more })
  await here('POST', '/schemas', {
    entity_name: 'seat',
    fields: [
      field('code', 'string', { unique: true }),
      field('price', 'decimal', { unique: true }),
      field('hall', 'string'),
      field('place', 'integer'),
      field('day', 'date'),
      field('note', 'string'),
    ],
    unique: [
      ['hall', 'place', 'day'],
      ['note', 'hall'],
    ],
  })
  const statuses = async (requests: Promise<{ statusCode: number }>[]) => {
    const counts: Record<number, number> = {}
    for (const { statusCode } of await Promise.all(requests))
      counts[statusCode] = (counts[statusCode] ?? 0) + 1
    return counts
  }
  const many = (body: (n: number) => object) =>
    Array.from({ length: AT_ONCE }, (_, n) => (n % 2 ? here : there)('POST', '/seat', body(n)))

  await t.test('fifty at once: exactly one is stored', async (t) => {
    t.same(await statuses(many(() => ({ code: 'x' }))), { 201: 1, 409: AT_ONCE - 1 })
    t.same(await statuses(many(() => ({ hall: 'a', place: 1, day: '2024-01-01' }))), {
      201: 1,
      409: AT_ONCE - 1,
    })
    t.same(await statuses(many(() => [{ code: 'y' }, { price: '1' }])), { 201: 1, 409: AT_ONCE - 1 })
    t.equal((await here('GET', '/seat')).json().length, 4)
  })

  await t.test(
    'who is refused takes no neighbour with him: each value is stored once, whoever came with it',
    async (t) => {
      const codes = Array.from({ length: 4 * AT_ONCE }, (_, n) => `own-${n % 10 === 3 ? 3 : n}`)
      const counts = await statuses(codes.map((code) => here('POST', '/seat', { code })))
      t.same(counts, { 201: new Set(codes).size, 409: codes.length - new Set(codes).size })
      const stored = (await here('GET', '/seat?code=like.own-*&select=code&limit=1000')).json()
      t.same(stored.map(({ code }: { code: string }) => code).sort(), [...new Set(codes)].sort())
      t.equal((await here('DELETE', '/seat?code=like.own-*')).statusCode, 204)
    },
  )

  await t.test('fifty changes at once: exactly one gets it', async (t) => {
    const made = await here(
      'POST',
      '/seat',
      Array.from({ length: AT_ONCE }, (_, n) => ({ hall: 'h', place: n })),
    )
    const ids = made.json().map(({ id }: { id: string }) => id)
    const change = (n: number, body: object) => (n % 2 ? here : there)('PATCH', `/seat/${ids[n]}`, body)
    t.same(await statuses(ids.map((_: string, n: number) => change(n, { code: 'z' }))), {
      200: 1,
      409: AT_ONCE - 1,
    })
    await Promise.all(ids.map((_: string, n: number) => change(n, { day: '2024-01-01' })))
    const moved = ids.map((_: string, n: number) => change(n, { place: 7 }))
    t.same(await statuses(moved), { 200: 1, 409: AT_ONCE - 1 }, 'one part of three')
    const both = ids.flatMap((_: string, n: number) => [
      change(0, { place: 100 + n }),
      change(0, { hall: `h${n}` }),
    ])
    t.same(await statuses(both), { 200: 2 * AT_ONCE }, 'different parts of one record')
    const one = (await here('GET', `/seat/${ids[0]}`)).json()
    const again = { hall: one.hall, place: one.place, day: one.day }
    t.equal((await here('POST', '/seat', again)).statusCode, 409, 'what is taken is what the record says')
  })

  await t.test('values are equal when they are the same value, and only then', async (t) => {
    const post = async (body: object) => (await here('POST', '/seat', body)).statusCode
    const long = 'l'.repeat(5000)
    const rows: [body: object, status: number][] = [
      [{ code: 'Case' }, 201],
      [{ code: 'case' }, 201],
      [{ code: 'Case' }, 409],
      [{ code: 'café' }, 201],
      [{ code: 'cafe\u0301' }, 201],
      [{ code: 'case ' }, 201],
      [{ code: '' }, 201],
      [{ code: '' }, 409],
      [{ code: `${long}1` }, 201],
      [{ code: `${long}2` }, 201],
      [{ code: `${long}1` }, 409],
      [{ price: '10' }, 201],
      [{ price: '10.00' }, 409],
      [{ price: '-0' }, 201],
      [{ price: '0' }, 409],
      [{ note: 'a', hall: 'bc' }, 201],
      [{ note: 'ab', hall: 'c' }, 201],
      [{ note: '1:a', hall: '1' }, 201],
      [{ note: '1', hall: 'a1:1' }, 201],
      [{ note: 'a', hall: 'bc' }, 409],
      [{ note: null, hall: 'bc' }, 201],
      [{ note: null, hall: 'bc' }, 201],
      [{ code: null }, 201],
      [{}, 201],
    ]
    for (const [body, status] of rows) t.equal(await post(body), status, JSON.stringify(body).slice(0, 60))
  })

  await t.test('a refusal names every value that is taken', async (t) => {
    await here('POST', '/seat', { code: 'p', hall: 'q', note: 'r', price: '77' })
    const answer = await here('POST', '/seat', { code: 'p', hall: 'q', note: 'r', price: '77' })
    t.match(answer.json(), {
      status: 409,
      code: 'unique_conflict',
      errors: [
        { pointer: '/code', keyword: 'unique' },
        { pointer: '/price', keyword: 'unique' },
        { pointer: '/note', keyword: 'unique', message: /hall/ },
      ],
    })
  })

  await t.test('a refusal names nothing else', async (t) => {
    await here('POST', '/seat', [{ code: 's1' }, { code: 's2' }])
    const both = await here('PATCH', '/seat?code=in.(s1,s2)', { code: 'same' })
    t.equal(both.statusCode, 409)
    t.same(both.json().errors, [
      {
        pointer: '/code',
        keyword: 'unique',
        message: 'is taken: several of the records that the filter matches would have this value',
      },
    ])
  })

  await t.test('a list names its row, however short it is', async (t) => {
    await here('POST', '/seat', { code: 'only' })
    const list = await here('POST', '/seat', [{ code: 'only' }])
    t.match(list.json(), { detail: /^row 0: /, errors: [{ pointer: '/code', row: 0 }] })
    t.notMatch((await here('POST', '/seat', { code: 'only' })).json(), { errors: [{ row: 0 }] })
  })

  await t.test('a value is free again when its record is gone or has another', async (t) => {
    const { id } = (await here('POST', '/seat', { code: 'free' })).json()
    t.equal((await here('PATCH', `/seat/${id}`, { code: 'free' })).statusCode, 200, 'its own value stands')
    t.equal((await here('PUT', `/seat/${id}`, { code: 'other' })).statusCode, 200)
    const again = (await there('POST', '/seat', { code: 'free' })).json()
    t.equal((await here('DELETE', `/seat/${again.id}`)).statusCode, 204)
    t.equal((await there('POST', '/seat', { code: 'free' })).statusCode, 201)
  })
})
