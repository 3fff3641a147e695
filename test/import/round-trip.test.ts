// What leaves as CSV or NDJSON comes in as the same records, whatever their fields hold.
import fc from 'fast-check'
import t from 'tap'
import { ADMIN, as, signIn, startWithAdmin } from '../support/app.ts'

const RECORDS = 300

const FIELDS = [
  { name: 'title', type: 'string' },
  { name: 'story', type: 'text' },
  { name: 'age', type: 'integer' },
  { name: 'score', type: 'float' },
  { name: 'price', type: 'decimal' },
  { name: 'active', type: 'boolean' },
  { name: 'born', type: 'date' },
  { name: 'at', type: 'time' },
  { name: 'seen', type: 'datetime' },
  { name: 'mail', type: 'email' },
  { name: 'site', type: 'url' },
  { name: 'ref', type: 'uuid' },
  { name: 'level', type: 'enum', values: ['=low', "'high", 'NULL', ' '] },
  { name: 'flags', type: 'enum', values: ['-a', 'b'], many: true },
  { name: 'meta', type: 'json' },
  { name: 'home', type: 'object', fields: [{ name: 'zip', type: 'string' }] },
  { name: 'marks', type: 'array', items: { type: 'decimal' } },
  { name: 'friend', type: 'relation', entity: 'friend' },
  { name: 'peers', type: 'relation', entity: 'friend', many: true },
  { name: 'photo', type: 'file' },
]

const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom(...'a,"\n\r\t \'=+-@;ü😀0\\|', 'NULL', '\u2028', '\ufeff'),
    maxLength: 8,
  }),
  fc.constantFrom(
    '',
    'NULL',
    '""',
    '=1+1',
    "''",
    '-5',
    '\ufefftext',
    ' ',
    '\r\n',
    'true',
    '{}',
    '0x1',
    '1e5',
  ),
)

const moment = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })

const iso = (from: number, to?: number) => moment.map((date) => date.toISOString().slice(from, to))

const safe = fc.maxSafeInteger()

const decimal = fc.tuple(safe, fc.nat(999)).map(([whole, part]) => `${whole}.${part + 1}`)

/** @param friends ids that relations may have, @param photo of a file */
function recordOf(friends: string[], photo: string) {
  const json = fc.jsonValue({ maxDepth: 2, stringUnit: fc.constantFrom('a', '"', '\n', '=', 'ü') })
  const values = {
    ...{ title: text, story: text, age: safe, price: decimal, active: fc.boolean() },
    score: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    ...{ born: iso(0, 10), at: iso(11, 19), seen: iso(0), ref: fc.uuid() },
    mail: fc.constantFrom('+a@b.co', "'x@b.co", '=1@b.co'),
    site: fc.constantFrom('https://a.b/?c=1,2"3'),
    ...{ level: fc.constantFrom('=low', "'high", 'NULL', ' '), flags: fc.subarray(['-a', 'b']) },
    meta: json.filter((value) => value !== null && !JSON.stringify(value).includes('-0')),
    ...{ home: fc.record({ zip: text }), marks: fc.array(decimal, { maxLength: 3 }) },
    ...{ friend: fc.constantFrom(...friends), peers: fc.subarray(friends), photo: fc.constant(photo) },
  }
  return fc.record(values, { requiredKeys: [] })
}

/** What is stored is any text: as a message it would break the report of the test. */
const whyNot = ({ statusCode, body }: { statusCode: number; body: string }) =>
  statusCode < 300 ? 'it is stored' : body.slice(0, 1000)

t.test('an export is an import', async (t) => {
  const { app } = await startWithAdmin(t, { BODY_LIMIT: 4_000_000 })
  const token = (await signIn(app, ADMIN.username, ADMIN.password)).access_token
  const send = as(app, token)
  await send('POST', '/schemas', { entity_name: 'friend', fields: [{ name: 'name', type: 'string' }] })
  for (const entity_name of ['first', 'second', 'third']) {
    const defined = await send('POST', '/schemas', { entity_name, fields: FIELDS })
    t.equal(defined.statusCode, 201, defined.body)
  }
  const friends = (await send('POST', '/friend', [{ name: 'a' }, { name: 'b' }]))
    .json()
    .map(({ id }: { id: string }) => id)
  const form = new FormData()
  form.append('file', new Blob(['photo']), 'photo.txt')
  const encoded = new Response(form)
  const uploaded = await send('POST', '/files/upload', Buffer.from(await encoded.arrayBuffer()), {
    'content-type': encoded.headers.get('content-type') ?? '',
  })
  const sample = fc.sample(recordOf(friends, uploaded.json().id), RECORDS)
  const made = await send('POST', '/first', sample)
  t.equal(made.statusCode, 201, whyNot(made))

  const names = FIELDS.map(({ name }) => name).join(',')
  const records = async (entity: string) =>
    (await send('GET', `/${entity}?select=${names}&limit=1000`)).json() as Record<string, unknown>[]
  const before = await records('first')
  t.equal(before.length, RECORDS)
  for (const [entity, type] of [
    ['second', 'text/csv'],
    ['third', 'application/x-ndjson'],
  ] as const) {
    const file = await send('GET', `/first?select=${names}`, undefined, { accept: type })
    const minimal = { 'content-type': type, prefer: 'return=minimal' }
    const imported = await send('POST', `/${entity}`, file.body, minimal)
    t.equal(imported.statusCode, 201, whyNot(imported))
    const after = await records(entity)
    t.equal(after.length, RECORDS)
    for (const [at, record] of after.entries()) t.strictSame(record, before[at], `${type}, record ${at}`)
  }

  await t.test('of one column too, where a blank line would be no record', async (t) => {
    await send('POST', '/schemas', { entity_name: 'single', fields: [{ name: 'title', type: 'string' }] })
    const file = await send('GET', '/first?select=title', undefined, { accept: 'text/csv' })
    await send('POST', '/single', file.body, { 'content-type': 'text/csv' })
    t.strictSame(
      (await send('GET', '/single?select=title&limit=1000')).json(),
      before.map(({ title }) => ({ title })),
    )
  })
})
