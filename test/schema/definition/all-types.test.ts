// Every field type with its options, through the whole server: what goes in comes out canonically, and what cannot be
// kept is refused with its place, never with a 500.
import t from 'tap'
import { ADMIN, as, signIn, startWithAdmin } from '../../support/app.ts'

const fields = [
  {
    name: 'title',
    type: 'str',
    min_length: 1,
    max_length: 5,
    pattern: '^(a|a)*$',
    label: 'Title',
    indexed: true,
  },
  { name: 'then', type: 'text' },
  { name: 'age', type: 'int', min: 0, max: 150, unique: true },
  { name: 'score', type: 'number' },
  { name: 'price', type: 'decimal', precision: 6, scale: 2, min: '0' },
  { name: 'active', type: 'bool', default: true },
  { name: 'born', type: 'date', min: '1900-01-01' },
  { name: 'at', type: 'time' },
  { name: 'seen', type: 'timestamp' },
  { name: 'mail', type: 'email' },
  { name: 'site', type: 'url', max_length: 100 },
  { name: 'ref', type: 'uuid' },
  { name: 'level', type: 'enum', values: ['low', 'high'], required: true, default: 'low' },
  { name: 'flags', type: 'enum', values: ['a', 'b'], many: true },
  { name: 'meta', type: 'json', max_size: 200 },
  {
    name: 'home',
    type: 'object',
    fields: [
      { name: 'zip', type: 'string', required: true },
      { name: 'since', type: 'datetime' },
    ],
  },
  { name: 'marks', type: 'array', items: { type: 'decimal', scale: 1 }, max_items: 3 },
  { name: 'friend', type: 'relation', entity: 'pupil', on_delete: 'set_null' },
  { name: 'peers', type: 'relation', entity: 'pupil', many: true },
  { name: 'photo', type: 'file', mime_types: ['image/*'] },
]

const sent = {
  ...Object.fromEntries([['then', '😀']]),
  ...{ title: 'aa', age: 20, score: 1e-7, price: '19.9', born: '2000-02-29', at: '09:30' },
  ...{ seen: '2024-01-01T01:30:00.500+02:00', mail: 'a@b.co', site: 'https://a.b/c?d', flags: ['b'] },
  ref: '0190E1F2-7C3A-7D4E-8F5A-6B7C8D9E0F1A',
  meta: JSON.parse('{"__proto__":{"x":[null,9007199254740991,0.1]}}'),
  home: { zip: '1', since: '2024-01-01T00:00:00+01:00' },
  marks: ['1', '2.5'],
}

const stored = {
  ...sent,
  ...{ price: '19.90', active: true, at: '09:30:00', seen: '2023-12-31T23:30:00.5Z', level: 'low' },
  ref: sent.ref.toLowerCase(),
  home: { zip: '1', since: '2023-12-31T23:00:00Z' },
  marks: ['1.0', '2.5'],
  ...{ friend: null, peers: null, photo: null },
}

t.test('every type keeps what it is given, and its definition goes back in unchanged', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = as(app, (await signIn(app, ADMIN.username, ADMIN.password)).access_token)
  const defined = await send('POST', '/schemas/', { entity_name: 'pupil', fields })
  t.equal(defined.statusCode, 201, defined.body)
  const made = await send('POST', '/pupil/', sent)
  t.equal(made.statusCode, 201, made.body)
  const { id, created_at: _c, updated_at: _u, created_by: _b, updated_by: _d, ...record } = made.json()
  t.equal(JSON.stringify(record.meta), JSON.stringify(sent.meta))
  t.same({ ...record, meta: 0 }, { ...stored, meta: 0 })
  t.same((await send('GET', `/pupil/${id}`)).json(), made.json())
  const linked = await send('PATCH', `/pupil/${id}`, { friend: id, peers: [id] })
  t.match(linked.json(), { friend: id, peers: [id] }, linked.body)

  const shown = (await send('GET', '/schemas/pupil')).json()
  const again = await send('PUT', '/schemas/pupil', shown)
  t.equal(again.statusCode, 200, again.body)
  t.same(again.json(), { ...shown, version: 2, updated_at: again.json().updated_at })
  t.equal((await send('GET', '/schemas/pupil/json-schema')).statusCode, 200)
})

const refused: [body: string, pointer: string][] = [
  ['{"title":"b"}', '/title'],
  ['{"title":"\\u0000"}', '/title'],
  ['{"then":"\\ud800"}', '/then'],
  ['{"age":9007199254740993}', '/age'],
  ['{"age":"5"}', '/age'],
  ['{"age":5.5}', '/age'],
  ['{"score":1e400}', '/score'],
  ['{"price":19.99}', '/price'],
  ['{"price":"19.999"}', '/price'],
  ['{"price":"-1"}', '/price'],
  ['{"born":"2023-02-29"}', '/born'],
  ['{"seen":"2024-01-01T00:00:60Z"}', '/seen'],
  ['{"seen":"2024-01-01T00:00:00"}', '/seen'],
  ['{"site":"javascript:alert(1)"}', '/site'],
  ['{"level":null}', '/level'],
  ['{"flags":["a","a"]}', '/flags'],
  ['{"meta":{"a":[1e999]}}', '/meta/a/0'],
  [`{"meta":"${'x'.repeat(300)}"}`, '/meta'],
  ['{"home":{}}', '/home/zip'],
  ['{"marks":["1.25"]}', '/marks/0'],
  ['{"friend":"0190e1f2-7c3a-7d4e-8f5a-6b7c8d9e0f1a"}', '/friend'],
  ['{"constructor":1}', '/constructor'],
  ['{"__proto__":{"age":1}}', '/__proto__'],
  ['{"id":"x"}', '/id'],
  ['[{"age":1},{"age":-1}]', '/age'],
  ['5', ''],
]

t.test('what cannot be kept is refused with its place', async (t) => {
  const { app } = await startWithAdmin(t)
  const { access_token } = await signIn(app, ADMIN.username, ADMIN.password)
  const send = as(app, access_token)
  await send('POST', '/schemas/', { entity_name: 'pupil', fields })
  const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' }
  for (const [payload, pointer] of refused) {
    const { statusCode, body } = await app.inject({ method: 'POST', url: '/pupil/', headers, payload })
    t.ok(statusCode === 400 || statusCode === 409, `${payload.slice(0, 50)}: ${body}`)
    t.match(JSON.parse(body).errors, [{ pointer }], payload.slice(0, 50))
  }
  const latin1 = Buffer.from('{"then":"\xe9"}', 'latin1')
  const undecodable = await app.inject({ method: 'POST', url: '/pupil/', headers, payload: latin1 })
  t.match(undecodable.json(), { status: 400, code: 'malformed_body', detail: /UTF-8/ })
  const deep = `{"meta":${'['.repeat(10_000)}${']'.repeat(10_000)}}`
  t.equal((await app.inject({ method: 'POST', url: '/pupil/', headers, payload: deep })).statusCode, 400)
  t.same((await send('GET', '/pupil/')).json(), [])
})
