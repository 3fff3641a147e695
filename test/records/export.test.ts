// Lists as CSV and as lines of JSON: whole, exact, streamed, and nothing held for a reader who has gone.

import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { as, asAdmin, signIn } from '../support/app.ts'
import { busy, MANY, NDJSON, startMany, startThings } from '../support/records/exports.ts'
import { until, untilSteady } from '../support/until.ts'

const CSV = { accept: 'text/csv' }

t.test('lists leave as CSV and as lines of JSON', async (t) => {
  const { send } = await startThings(t, { MAX_LIMIT: 3, DEFAULT_LIMIT: 2 })
  const made = await send('POST', '/thing', [
    { name: 'a,"b"\nc', size: -5, price: '-0.50', ok: true, tags: ['x', '=y'], meta: { a: [1, null] } },
    { name: '=1+1', size: 3, meta: '-1' },
    { name: '+1' },
    { name: '-1', meta: -1 },
    { name: '@a' },
    { name: "'quoted" },
    { name: 'ümlaut 😀' },
    {},
  ])
  const [first] = made.json()

  await t.test('CSV has a header, a line for each record, and nothing that a spreadsheet runs', async (t) => {
    const answer = await send('GET', '/thing/?select=name,size,price,ok,tags,meta,part_of', undefined, CSV)
    t.equal(answer.statusCode, 200)
    t.equal(answer.headers['content-type'], 'text/csv; charset=utf-8')
    t.equal(answer.headers['content-range'], undefined)
    t.equal(answer.headers['content-disposition'], 'attachment; filename="thing.csv"')
    t.same(answer.body.split('\n'), [
      'name,size,price,ok,tags,meta,part_of',
      '"a,""b""',
      'c",-5,-0.50,true,"[""x"",""=y""]","{""a"":[1,null]}",',
      `'=1+1,3,,,,"""-1""",`,
      "'+1,,,,,,",
      "'-1,,,,,-1,",
      "'@a,,,,,,",
      "''quoted,,,,,,",
      'ümlaut 😀,,,,,,',
      ',,,,,,',
    ])
  })

  await t.test('lines of JSON are the records of the list', async (t) => {
    const answer = await send('GET', '/thing/', undefined, NDJSON)
    t.equal(answer.headers['content-type'], 'application/x-ndjson; charset=utf-8')
    t.equal(answer.headers['content-disposition'], 'attachment; filename="thing.ndjson"')
    const lines = answer.body.split('\n')
    t.equal(lines.pop(), '')
    t.same(
      lines.map((line) => JSON.parse(line)),
      made.json(),
    )
  })

  await t.test(
    'limit, offset, cursor, order, filters and embeds are heeded, whatever the page size',
    async (t) => {
      const names = async (url: string) => {
        const { body } = await send('GET', url, undefined, NDJSON)
        return body
          .trimEnd()
          .split('\n')
          .flatMap((line) => (line === '' ? [] : (JSON.parse(line).name ?? '-')))
      }
      t.same(await names('/thing?limit=5'), ['a,"b"\nc', '=1+1', '+1', '-1', '@a'])
      t.same(await names('/thing?limit=2&offset=3'), ['-1', '@a'])
      t.same(await names('/thing?offset=6'), ['ümlaut 😀', '-'])
      t.same(await names('/thing?limit=0'), [])
      t.same(await names('/thing?size=not.is.null&order=size.desc'), ['=1+1', 'a,"b"\nc'])
      t.same((await names('/thing?order=size.nullsfirst&limit=7')).slice(-1), ['a,"b"\nc'])
      t.same(await names('/thing?order=size.nullsfirst&offset=6'), ['a,"b"\nc', '=1+1'])
      const page = await send('GET', '/thing?limit=2')
      const next = /<(.*?)>/.exec(String(page.headers.link))?.[1] ?? ''
      t.same(await names(next.replace('limit=2&', '')), ['+1', '-1', '@a', "'quoted", 'ümlaut 😀', '-'])
      await send('PATCH', `/thing/${made.json()[2].id}`, { part_of: first.id })
      const embedded = await send(
        'GET',
        '/thing?select=name,part_of(size),...part_of!inner(of:name)&size=is.null',
        undefined,
        CSV,
      )
      t.match(embedded.body, /^name,part_of,of\n'\+1,"{""size"":-5}","a,""b""\nc"$/)
      const groups = await send('GET', '/thing?select=ok,count(),name.max(),price.sum()', undefined, CSV)
      t.same(groups.body.split('\n'), ['ok,count,max,sum', 'true,1,"a,""b""', 'c",-0.50', ',7,ümlaut 😀,'])
    },
  )

  await t.test('a count tells how many there are', async (t) => {
    const count = { ...CSV, prefer: 'count=exact' }
    t.match(await send('GET', '/thing', undefined, count), {
      statusCode: 200,
      headers: { 'content-range': '0-7/8' },
    })
    t.match(await send('GET', '/thing?limit=5&offset=1', undefined, count), {
      statusCode: 206,
      headers: { 'content-range': '1-5/8' },
    })
    t.match(await send('GET', '/thing?offset=9', undefined, count), { statusCode: 416 })
    const head = await send('HEAD', '/thing', undefined, count)
    t.match(head, { statusCode: 200, headers: { 'content-range': '0-7/8', 'content-type': /csv/ }, body: '' })
  })

  await t.test('an empty list is a header, or nothing', async (t) => {
    t.equal((await send('GET', '/thing?select=name,ok&size=eq.99', undefined, CSV)).body, 'name,ok')
    t.equal((await send('GET', '/thing?size=eq.99', undefined, NDJSON)).body, '')
    t.equal((await send('GET', '/thing?select=name&name=is.null', undefined, CSV)).body, 'name\nNULL')
  })

  await t.test('a refusal is a problem, and another type is not acceptable', async (t) => {
    t.match(await send('GET', '/thing?nope=eq.1', undefined, CSV), {
      statusCode: 400,
      headers: { 'content-type': /problem\+json/ },
    })
    t.match(await send('GET', '/thing', undefined, { accept: 'text/html' }), { statusCode: 406 })
    t.match(await send('GET', '/thing', undefined, { accept: '' }), { statusCode: 200 }, 'nothing is said')
    t.match(await send('GET', '/thing', undefined, { accept: 'text/csv;q=0.5, application/json' }), {
      headers: { 'content-type': /^application\/json/ },
    })
    t.match(await send('GET', `/thing/${first.id}`, undefined, CSV), { statusCode: 406 })
  })

  await t.test('what is written can be answered so too', async (t) => {
    const created = await send('POST', '/thing?select=name', [{ name: '=x' }, { name: 'y' }], CSV)
    t.match(created, { statusCode: 201, body: "name\n'=x\ny" })
    const representation = { ...NDJSON, prefer: 'return=representation' }
    const changed = await send('PATCH', '/thing?select=name,size&name=eq.y', { size: 1 }, representation)
    t.match(changed, { statusCode: 200, body: '{"name":"y","size":1}\n' })
  })
})

/** Another tenant with one record; what its admin sends to read it. */
async function startOther(app: FastifyInstance) {
  const operator = await asAdmin(app)
  const admin = { username: 'admin', password: 'a password' }
  await operator('POST', '/tenants', { name: 'other', admin })
  const { access_token } = await signIn(app, 'other/admin', admin.password)
  const send = as(app, access_token)
  await send('POST', '/schemas', { entity_name: 'thing', fields: [{ name: 'size', type: 'integer' }] })
  await send('POST', '/thing', { size: 1 })
  return { authorization: `Bearer ${access_token}`, ...NDJSON }
}

t.test('a long list is streamed', async (t) => {
  const { app, send, url, headers, sent } = await startMany(t)

  await t.test('from one snapshot, as slowly as its reader is', async (t) => {
    const answer = await fetch(`${url}?select=name,size`, { headers })
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
    let bytes = (await reader.read()).value?.length ?? 0
    const ahead = await untilSteady(sent)
    t.ok(ahead < MANY * 300, `${ahead} bytes are on their way`)
    t.equal(busy(app), 1)
    t.equal((await send('DELETE', '/thing?size=gte.0&limit=', undefined)).statusCode, 400)
    const deleted = await send('DELETE', '/thing?size=lt.100')
    t.equal(deleted.statusCode, 204)
    for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length
    const expected = MANY * '{"name":"","size":}\n'.length + MANY * 300 + 4 * digitsBelow(MANY / 4)
    t.equal(bytes, expected, 'the records that were there at the beginning')
    t.ok(await until(() => busy(app) === 0))
  })

  await t.test('a reader who goes away frees the connection', async (t) => {
    const abort = new AbortController()
    const answer = await fetch(url, { headers, signal: abort.signal })
    await (answer.body as ReadableStream<Uint8Array>).getReader().read()
    t.equal(busy(app), 1)
    abort.abort()
    t.ok(await until(() => busy(app) === 0))
  })

  await t.test('streams leave connections for everyone else, and places for other tenants', async (t) => {
    const other = await startOther(app)
    const aborts = Array.from({ length: 8 }, () => new AbortController())
    const asked = Promise.all(aborts.map(({ signal }) => fetch(url, { headers, signal })))
    t.ok(await until(() => busy(app) === 3), 'no tenant has more')
    const theirs = await fetch(url, { headers: other })
    t.match(await theirs.text(), /^{"id":"[^"]+","size":1,[^\n]+\n$/)
    t.equal((await send('GET', '/thing?limit=1')).statusCode, 200)
    const statuses = (await asked).map(({ status }) => status)
    t.same(statuses, Array(8).fill(200), 'readers that take nothing give their connections back')
    t.ok(await until(() => busy(app) === 0), 'all of them')
    for (const abort of aborts) abort.abort()
    t.ok(await until(() => busy(app) === 0))
    t.equal((await fetch(`${url}?limit=1`, { headers })).status, 200)
  })
})

t.test('a slow reader holds no connection, and gets everything', async (t) => {
  const { app, send, url, headers } = await startMany(t)
  const answer = await fetch(`${url}?select=name,size`, { headers })
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader()
  const first = (await reader.read()).value?.length ?? 0
  t.equal(busy(app), 1)
  t.ok(await until(() => busy(app) === 0), 'the rest is in a file')
  t.equal((await send('DELETE', '/thing?size=gte.0', undefined)).statusCode, 204)
  let bytes = first
  for (let part = await reader.read(); !part.done; part = await reader.read()) bytes += part.value.length
  const expected = MANY * '{"name":"","size":}\n'.length + MANY * 300 + 4 * digitsBelow(MANY / 4)
  t.equal(bytes, expected, 'the records that were there at the beginning')
})

const digitsBelow = (n: number) =>
  Array.from({ length: n }, (_, i) => String(i).length).reduce((a, b) => a + b, 0)
