// Records of another system keep their ids and times, and the entity then orders by time.
import t from 'tap'
import { as, asAdmin, signIn, startWithAdmin } from '../support/app.ts'

const KEEP = { 'content-type': 'text/csv', prefer: 'system-fields=keep, return=representation' }

const LINES = { ...KEEP, 'content-type': 'application/x-ndjson' }

const V4 = [
  'f47ac10b-58cc-4372-a567-0e02b2c3d479',
  '0b9e3c1e-9f38-4b8e-8d3a-1a2b3c4d5e6f',
  'c0ffee00-1234-4abc-9def-000000000001',
]

const FIELDS = [
  { name: 'name', type: 'string' },
  { name: 'code', type: 'string', unique: true },
]

interface Row {
  id: string
  name: string
  created_at: string
  updated_at: string
}

t.test('ids and times of another system', async (t) => {
  const { app } = await startWithAdmin(t, {})
  const send = await asAdmin(app)
  for (const entity_name of ['thing', 'plain'])
    t.match(await send('POST', '/schemas', { entity_name, fields: FIELDS }), { statusCode: 201 })
  const [early] = (await send('POST', '/thing', [{ name: 'before' }])).json()
  const names = async (query: string) =>
    (await send('GET', `/thing?${query}`)).json().map(({ name }: Row) => name)

  await t.test('are kept', async (t) => {
    const csv = `id,name,created_at,updated_at
${V4[0]},second,2021-05-01T10:00:00.123456Z,2022-01-01T00:00:00Z
${V4[1]?.toUpperCase()},first,2020-05-01 12:00:00+02:00,2020-05-01T10:00:00Z
${V4[2]},third,2023-01-01T00:00:00Z,
,fourth,,
`
    const answer = await send('POST', '/thing', csv, KEEP)
    t.equal(answer.statusCode, 201, answer.body)
    t.match(answer.headers['preference-applied'], /system-fields=keep/)
    const [second, first, third, fourth] = answer.json() as Row[]
    t.match(second, {
      id: V4[0],
      created_at: '2021-05-01T10:00:00.123456',
      updated_at: '2022-01-01T00:00:00',
    })
    t.match(first, { id: V4[1], created_at: '2020-05-01T10:00:00', updated_at: '2020-05-01T10:00:00' })
    t.match(third, { id: V4[2], created_at: '2023-01-01T00:00:00' })
    t.ok(Date.parse(third?.updated_at ?? '') > Date.now() - 60_000)
    t.ok(Date.parse(fourth?.created_at ?? '') > Date.now() - 60_000)
    t.match((await send('GET', `/thing/${V4[0]}`)).json(), { name: 'second' })
  })

  await t.test('order the entity by time, page by page', async (t) => {
    const all = ['first', 'second', 'third', 'before', 'fourth']
    t.strictSame(await names('select=name'), all)
    t.strictSame(await names('order=created_at.desc'), [...all].reverse())
    t.strictSame(await names('created_at=lt.2022-01-01T00:00:00Z'), ['first', 'second'])
    t.strictSame(await names('created_at=gte.2021-05-01T10:00:00.123456Z&created_at=lt.2023-01-01'), [
      'second',
    ])
    for (const order of ['', '&order=created_at.desc', '&order=created_at.asc']) {
      const seen: string[] = []
      let url: string | undefined = `/thing?limit=2${order}`
      while (url !== undefined) {
        const page = await send('GET', url)
        seen.push(...page.json().map(({ name }: Row) => name))
        url = /<(.*?)>/.exec(String(page.headers.link ?? ''))?.[1]
      }
      t.strictSame(seen, order.endsWith('desc') ? [...all].reverse() : all, order)
    }
    const file = await send('GET', '/thing?select=name', undefined, { accept: 'text/csv' })
    t.equal(file.body, ['name', ...all].join('\n'))
  })

  await t.test('stay so when the definition changes, and records are written as ever', async (t) => {
    const { fields } = (await send('GET', '/schemas/thing')).json()
    const changed = await send('PUT', '/schemas/thing', {
      fields: [...fields, { name: 'more', type: 'text' }],
    })
    t.equal(changed.statusCode, 200, changed.body)
    t.strictSame((await names('')).slice(0, 3), ['first', 'second', 'third'])
    t.match(await send('PATCH', `/thing/${V4[1]}`, { more: 'x' }), { statusCode: 200 })
    t.match((await send('POST', '/thing', { name: 'last' })).json(), { name: 'last' })
    t.strictSame((await names('')).slice(-1), ['last'])
    t.equal((await send('DELETE', `/thing/${early.id}`)).statusCode, 204)
  })

  await t.test('come by NDJSON, by an array and by an upsert too', async (t) => {
    const line = {
      id: 'a0000000-0000-4000-8000-000000000001',
      name: 'line',
      created_at: '2019-01-01T00:00:00Z',
    }
    t.match((await send('POST', '/thing', JSON.stringify(line), LINES)).json(), [{ id: line.id }])
    const array = [{ ...line, id: 'a0000000-0000-4000-8000-000000000002' }]
    const prefer = { prefer: 'system-fields=keep' }
    t.match((await send('POST', '/thing', array, prefer)).json(), [{ id: array[0]?.id, created_at: /^2019/ }])
    const one = { ...line, id: 'a0000000-0000-4000-8000-000000000003' }
    t.match((await send('POST', '/thing', one, prefer)).json(), { id: one.id, created_at: /^2019/ })
    const merge = { prefer: 'system-fields=keep, resolution=merge-duplicates' }
    const rows = [
      { ...line, name: 'merged', created_at: '2018-01-01T00:00:00Z' },
      { ...line, id: 'a0000000-0000-4000-8000-000000000004' },
    ]
    t.match((await send('POST', '/thing', rows, merge)).json(), [
      { id: line.id, name: 'merged', created_at: /^2019/ },
      { id: rows[1]?.id, created_at: /^2019/ },
    ])
  })

  await t.test('are validated', async (t) => {
    const future = new Date(Date.now() + 3_600_000).toISOString()
    const refused: [string, number, RegExp][] = [
      ['id,name\n12,x', 400, /row 2: \/id must be a UUID/],
      ['name,created_at\nx,yesterday', 400, /\/created_at must be a date and time/],
      ['name,updated_at\nx,2020-01-01', 400, /\/updated_at must be a date and time/],
      [`name,created_at\nx,${future}`, 400, /not of the future/],
      ['name,created_at,updated_at\nx,2020-01-02T00:00:00Z,2020-01-01T00:00:00Z', 400, /before created_at/],
      ['name,created_by\nx,', 400, /set by the server/],
      [`id,name\n,x\n${V4[0]},x`, 409, /row 3: \/id is taken/],
      [`id,name\n${V4[0]?.replace('f', 'e')},x\n${V4[0]?.replace('f', 'e')},y`, 409, /row 3: \/id is taken/],
    ]
    for (const [csv, status, match] of refused) {
      const answer = await send('POST', '/thing', csv, KEEP)
      t.equal(answer.statusCode, status, `${csv}: ${answer.body}`)
      t.match(answer.body, match)
    }
    const partial = await send('POST', '/thing', `id,name\n${V4[0]},x\n,good`, {
      ...KEEP,
      prefer: 'system-fields=keep, bulk=partial',
    })
    t.match(partial.json(), [{ status: 409, errors: [{ pointer: '/id', row: 2 }] }, { status: 201 }])
  })

  await t.test('are for admins, and nobody else', async (t) => {
    const user = { username: 'ada', password: 'a good pass phrase', role: 'user' }
    t.match(await send('POST', '/auth/users', user), { statusCode: 201 })
    const { access_token } = await signIn(app, 'ada', 'a good pass phrase')
    const theirs = as(app, access_token)
    await send('PUT', '/schemas/thing/permissions/user', { create: true, read: true })
    t.match(await theirs('POST', '/thing', 'name\nx', KEEP), { statusCode: 403, body: /admin/ })
    t.match(await theirs('POST', '/thing', 'name\nx', { 'content-type': 'text/csv' }), { statusCode: 201 })
  })

  await t.test('without the preference nothing has changed', async (t) => {
    t.match(await send('POST', '/plain', `id,name\n${V4[0]},x`, { 'content-type': 'text/csv' }), {
      statusCode: 400,
    })
    t.match(
      await send('POST', '/plain', 'name,created_at\nx,2020-01-01T00:00:00Z', { 'content-type': 'text/csv' }),
      {
        statusCode: 400,
        body: /created_at is set by the server/,
      },
    )
  })
})
