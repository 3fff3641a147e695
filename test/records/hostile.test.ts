// Names and values that break other servers: refused with a reason or stored exactly, never a 500.
import t, { type Test } from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { LARGE_FIELDS, largeBodies } from '../support/records/large-bodies.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** Comes back as it was sent. */
const SAME = Symbol('same')

const REFUSED = 400

/** What a field of the type makes of the JSON text of a value: a refusal, or the value as it must come back. */
const values: [type: string | object, text: string, expected: unknown][] = [
  ['string', '"a\\u0000b"', REFUSED],
  ['string', '"\\ud800"', REFUSED],
  ['string', '"\\udc00\\ud800"', REFUSED],
  ['string', '"\\ud83d\\ude00"', '😀'],
  ['string', '""', ''],
  ['string', '"\\u0001\\u001f\\u2028\\ufeff\\uffff"', '\u0001\u001f\u2028\ufeff\uffff'],
  ['string', `"${'x'.repeat(199)}😀y"`, `${'x'.repeat(199)}😀y`],
  ['string', '"__proto__"', '__proto__'],
  ['string', '"\'; drop table record; --"', "'; drop table record; --"],
  ['string', '5', REFUSED],
  ['string', '["a"]', REFUSED],
  ['string', '{"toString":1}', REFUSED],
  ['integer', '9007199254740991', 9007199254740991],
  ['integer', '-9007199254740991', -9007199254740991],
  ['integer', '9007199254740992', REFUSED],
  ['integer', '9007199254740993', REFUSED],
  ['integer', '12345678901234567890', REFUSED],
  ['integer', '1e400', REFUSED],
  ['integer', '1.5', REFUSED],
  ['integer', '1.0', 1],
  ['integer', '-0', 0],
  ['integer', '"1"', REFUSED],
  ['integer', 'true', REFUSED],
  ['float', '1e400', REFUSED],
  ['float', '-1e400', REFUSED],
  ['float', '1e308', 1e308],
  ['float', '5e-324', 5e-324],
  ['float', '0.1', 0.1],
  ['float', '19.99', 19.99],
  ['float', '9007199254740993', REFUSED],
  ['float', 'NaN', REFUSED],
  [{ type: 'decimal', scale: 2 }, '"19.99"', '19.99'],
  [{ type: 'decimal', scale: 2 }, '"19.9"', '19.90'],
  [{ type: 'decimal', scale: 2 }, '"19.999"', REFUSED],
  [{ type: 'decimal', scale: 2 }, '19.99', REFUSED],
  ['decimal', '"9007199254740993.000000000000000000001"', '9007199254740993.000000000000000000001'],
  ['decimal', '"1e5"', REFUSED],
  ['decimal', '"-0"', '0'],
  ['decimal', '"NaN"', REFUSED],
  ['boolean', '"true"', REFUSED],
  ['boolean', '1', REFUSED],
  ['date', '"2023-02-29"', REFUSED],
  ['date', '"0000-01-01"', REFUSED],
  ['datetime', '"2024-01-01T00:00:00"', REFUSED],
  ['datetime', '"2024-01-01T01:30:00+01:30"', '2024-01-01T00:00:00Z'],
  ['datetime', '"9999-12-31T23:59:59-23:59"', REFUSED],
  ['time', '"23:59:60"', REFUSED],
  ['uuid', '"not one"', REFUSED],
  ['json', '{"__proto__":{"a":1},"constructor":{"prototype":[]}}', SAME],
  ['json', '{"then":1,"toJSON":{"valueOf":[{}]},"":[[]],"a/b~c":null}', SAME],
  ['json', '[1,"x",null,true,1.5,{"a":[]}]', SAME],
  ['json', '{"a":9007199254740993}', REFUSED],
  ['json', '[1e400]', REFUSED],
  ['json', '{"a\\u0000":1}', REFUSED],
  ['json', '{"a":["\\ud800"]}', REFUSED],
  ['json', `${'['.repeat(98)}1${']'.repeat(98)}`, SAME],
  ['json', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, REFUSED],
  ['json', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, REFUSED],
  ['json', '['.repeat(200_000), REFUSED],
  [{ type: 'string', pattern: '^(a|a)*$' }, `"${'a'.repeat(40)}b"`, REFUSED],
  [{ type: 'string', pattern: '^(a+)+$' }, `"${'a'.repeat(5000)}b"`, REFUSED],
  [{ type: 'string', pattern: '^(a|a)*$' }, `"${'a'.repeat(40)}"`, 'a'.repeat(40)],
  [{ type: 'array', items: { type: 'integer' } }, `[${'1,'.repeat(100_000)}1]`, SAME],
  [{ type: 'array', items: { type: 'integer' } }, `[${'"1",'.repeat(100_000)}1]`, REFUSED],
  [{ type: 'array', items: { type: 'array', items: { type: 'string' } } }, '[["a"],[null]]', REFUSED],
  [{ type: 'object', fields: [{ name: 'then', type: 'string' }] }, '{"then":"x","__proto__":1}', REFUSED],
  [{ type: 'object', fields: [{ name: 'then', type: 'string' }] }, '{"then":"x"}', SAME],
  [{ type: 'enum', values: ['a', '__proto__'] }, '"constructor"', REFUSED],
]

/** The value with its members by name: the order of members means nothing in JSON, and jsonb has one of its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, inner]) => [name, sorted(inner)] as const)
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)))
}

t.test('hostile names and values', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  let entities = 0
  async function define(fields: object[], more: object = {}): Promise<string> {
    const entity_name = `thing${entities++}`
    const answer = await send('POST', '/schemas', { entity_name, fields, ...more })
    if (answer.statusCode !== 201) throw new Error(answer.body)
    return `/${entity_name}`
  }

  async function checkValue(t: Test, url: string, text: string, expected: unknown): Promise<void> {
    for (const sent of [`{"v":${text}}`, `[{"v":${text}}]`]) {
      const { statusCode, body } = await send('POST', url, sent, JSON_TYPE)
      t.equal(statusCode, expected === REFUSED ? 400 : 201)
      if (statusCode !== 201) continue
      const json = JSON.stringify(expected === SAME ? JSON.parse(text) : expected)
      const stored = [JSON.parse(body)].flat()[0]
      const isSame = (value: unknown) =>
        JSON.stringify(sorted(value)) === JSON.stringify(sorted(JSON.parse(json)))
      t.ok(isSame(stored.v), 'is answered exactly')
      const got = await send('GET', `${url}/${stored.id}`)
      t.ok(isSame(got.json().v), 'is read exactly')
      const patched = await send('PATCH', `${url}/${stored.id}`, `{"v":${text}}`, JSON_TYPE)
      t.ok(isSame(patched.json().v), 'is changed exactly')
    }
  }

  for (const [type, text, expected] of values) {
    const definition = typeof type === 'string' ? { type } : type
    const name = `${JSON.stringify(definition)} ${text.slice(0, 40)}`.replace(/[^ -~]/g, '?')
    await t.test(name, async (t) =>
      checkValue(t, await define([{ name: 'v', ...definition }]), text, expected),
    )
  }

  await t.test(
    'names that objects know are names like any other, where they are allowed at all',
    async (t) => {
      const names = [
        'then',
        'prototype',
        'length',
        'name',
        'arguments',
        'caller',
        'toJSON',
        'inspect',
        'keys',
        'data',
      ]
      const fields = names.map((name) => ({ name, type: 'string', indexed: true }))
      const url = await define([...fields, { name: 'tenant_id', type: 'string', unique: true }])
      const whole = Object.fromEntries([...names, 'tenant_id'].map((name) => [name, `of ${name}`]))
      const made = await send('POST', url, whole)
      t.match(made.json(), whole, made.body)
      t.same((await send('GET', `${url}/${made.json().id}`)).json(), made.json())
      for (const name of names) {
        const { body } = await send('GET', `${url}?${name}=eq.of%20${name}&select=${name}&order=${name}`)
        t.equal(body, JSON.stringify([{ [name]: `of ${name}` }]))
      }
      for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf']) {
        const body = `{"${name}":"x"}`
        for (const [method, path] of [
          ['POST', url],
          ['PATCH', `${url}/${made.json().id}`],
        ] as const) {
          const answer = await send(method, path, body, JSON_TYPE)
          t.equal(answer.statusCode, 400, `${method} ${name}`)
          t.match(answer.json().errors, [{ pointer: `/${name}` }])
        }
        t.equal((await send('GET', `${url}?${name}=eq.x`)).statusCode, 400, name)
        t.equal((await send('GET', `${url}?select=${name}`)).statusCode, 400, name)
        t.equal((await send('GET', `${url}?order=${name}`)).statusCode, 400, name)
      }
    },
  )

  await t.test('five hundred fields, twelve indexes and four unique constraints hold together', async (t) => {
    const fields = Array.from({ length: 500 }, (_, i) => ({
      name: `f${i}`,
      type: i % 2 ? 'integer' : 'string',
      indexed: i < 12,
      unique: i >= 20 && i < 23,
    }))
    const url = await define(fields, { unique: [['f30', 'f31']] })
    const body = (n: number) =>
      Object.fromEntries(fields.map(({ name, type }) => [name, type === 'integer' ? n : `${name} ${n}`]))
    const one = await send('POST', url, body(1))
    t.match(one.json(), body(1), one.body.slice(0, 300))
    const many = await send('POST', url, [body(2), body(3)])
    t.equal(many.statusCode, 201, many.body.slice(0, 300))
    const taken = await send('POST', url, [{ f20: 'f20 1', f30: 'f30 2', f31: 2 }, { f21: 3 }])
    t.equal(taken.json().errors.length, 3, taken.body.slice(0, 300))
    const changed = await send('PATCH', `${url}/${one.json().id}`, { ...body(9), f499: null })
    t.match(changed.json(), { f498: 'f498 9', f499: null, f20: 'f20 9' })
    t.equal((await send('PUT', `${url}/${one.json().id}`, body(8))).json().f499, 8)
    const list = await send('GET', `${url}?order=f11.desc,f400&f1=gte.2&f3=lt.9`)
    t.same(
      list.json().map((r: { f0: string }) => r.f0),
      ['f0 8', 'f0 3', 'f0 2'],
    )
    t.equal((await send('GET', `${url.replace('/', '/schemas/')}/json-schema`)).statusCode, 200)
  })

  await t.test('large bodies are refused or stored', async (t) => {
    const url = await define(LARGE_FIELDS)
    for (const { name, body, allowed } of largeBodies()) {
      const { statusCode, body: told } = await send('POST', url, body, JSON_TYPE)
      t.ok(allowed.includes(statusCode), `${name}: ${statusCode} ${told.slice(0, 200)}`)
    }
  })
})
