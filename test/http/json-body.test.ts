// JSON bodies: what arrives is what was sent, or it is refused with its place.

import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../lib/errors/problem.ts'
import { parseJsonBody } from '../../lib/http/json-body.ts'
import { hostileMegabytes } from '../support/http/hostile-json.ts'

function refusal(text: string): Problem {
  try {
    parseJsonBody(text)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error(`not refused: ${text.slice(0, 100)}`)
}

const refused: [text: string, pointer: string, keyword: string][] = [
  ['{"a":9007199254740993}', '/a', 'number'],
  ['{"a":{"b":[1,-12345678901234567890]}}', '/a/b/1', 'number'],
  ['[1e400]', '/0', 'number'],
  ['{"x/y":-1E+999}', '/x~1y', 'number'],
  [`{"a":${'9'.repeat(400)}}`, '/a', 'number'],
  ['{"a":"\\u0000"}', '/a', 'text'],
  ['{"a":"x\\ud800y"}', '/a', 'text'],
  ['{"a":"\\uDFFF"}', '/a', 'text'],
  ['{"a":["\\udc00\\ud800"]}', '/a/0', 'text'],
  ['{"\\u0000":1}', '/\0', 'text'],
]

for (const [text, pointer, keyword] of refused) {
  t.test(`refuses ${text.slice(0, 60)}`, async (t) => {
    t.match(refusal(text), { kind: { code: 'invalid_body' }, extras: { errors: [{ pointer, keyword }] } })
  })
}

const kept = [
  '{"a":9007199254740992,"b":-9007199254740991,"c":9007199254740994}',
  '{"a":0.30000000000000004,"b":1234567890123456.5,"c":1e100,"d":1e-400}',
  '{"a":"9007199254740993","b":"1e400","c":"\\\\u0000","d":"\\ud83d\\ude00"}',
  '{"a":"\\"9007199254740993\\\\","b":12}',
  '"\\\\\\"12345678901234567890"',
  '\ufeff[]',
  '"[[[[[["',
]

for (const text of kept) {
  t.test(`keeps ${text}`, async (t) => t.same(parseJsonBody(text), JSON.parse(text.replace('\ufeff', ''))))
}

t.test('what is no JSON is malformed, with the reason', async (t) => {
  for (const text of [
    '',
    '  ',
    '{',
    '{"a":}',
    'nul',
    '{"a":1,}',
    '"\u0000"',
    '[1] 2',
    "{'a':1}",
    '"',
    '"\\',
    '\\',
  ]) {
    t.match(refusal(text), { kind: { code: 'malformed_body', status: 400 } }, text)
  }
})

t.test('nesting past 100 is refused at once, in objects and arrays, whatever strings hold', async (t) => {
  const deep = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`
  for (const depth of [101, 10_000, 200_000]) {
    t.match(refusal(deep('[', ']', depth)), { extras: { errors: [{ keyword: 'nesting' }] } })
    t.match(refusal(deep('{"a":', '}', depth)), { extras: { errors: [{ keyword: 'nesting' }] } })
  }
  t.ok(parseJsonBody(deep('[', ']', 100)))
  t.ok(parseJsonBody(`[${Array(500).fill('{"a":[]}').join(',')}]`))
  t.ok(parseJsonBody(`"${'['.repeat(200)}\\"${'{'.repeat(200)}"`))
})

t.test('__proto__ stays an own property and changes no prototype', async (t) => {
  const value = parseJsonBody('{"__proto__":{"admin":true}}') as Record<string, unknown>
  t.ok(Object.hasOwn(value, '__proto__'))
  t.equal(value.admin, undefined)
})

t.test('whatever JSON.stringify writes comes back unchanged', async () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      return JSON.stringify(parseJsonBody(text)) === JSON.stringify(JSON.parse(text))
    }),
    { numRuns: 2000 },
  )
})

t.test('an integer is refused exactly when it would come back with other digits', async () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (integer) => {
      const text = `{"a":[${integer}]}`
      const exact = String(Number(integer)) === String(integer)
      try {
        parseJsonBody(text)
        return exact
      } catch {
        return !exact
      }
    }),
    { numRuns: 5000 },
  )
})

t.test('a hostile megabyte is refused, or is what it says', async (t) => {
  for (const text of hostileMegabytes()) {
    const outcome = (() => {
      try {
        return parseJsonBody(text)
      } catch (error) {
        return error
      }
    })()
    t.ok(outcome instanceof Problem || JSON.stringify(outcome) === text, text.slice(0, 30))
  }
})
