// Values and patterns made to break something: nothing unstorable passes, nothing is worked at without end.
import t, { type Test } from 'tap'
import { compilePattern, patternProblem } from '../../lib/fields/pattern.ts'
import { findUnstorable, MAX_NESTING } from '../../lib/fields/unstorable.ts'

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = level % 2 ? { a: value } : [value]
  return value
}

t.test('what jsonb cannot hold is found, with its place', async (t) => {
  t.match(findUnstorable({ a: ['ok', 'x\0'] }), [{ pointer: '/a/1', keyword: 'text' }])
  t.match(findUnstorable({ 'b/c': '\ud800' }), [{ pointer: '/b~1c', keyword: 'text' }])
  t.match(findUnstorable({ '\udfff': 1 }), [{ keyword: 'text' }])
  t.match(findUnstorable([1, Number.POSITIVE_INFINITY]), [{ pointer: '/1', keyword: 'number' }])
  t.strictSame(findUnstorable({ a: '😀\u{10ffff}\u0001', b: [1.5, null, true] }), [])
  t.equal(findUnstorable(Array(1000).fill('\0')).length, 20)
})

t.test('nesting ends at the limit and cannot overflow the stack', async (t) => {
  t.strictSame(findUnstorable(nested(MAX_NESTING)), [])
  t.match(findUnstorable(nested(MAX_NESTING + 1)), [{ keyword: 'nesting' }])
  t.match(findUnstorable(nested(200_000)), [{ keyword: 'nesting' }])
})

t.test('patterns mean what JSON Schema says and cannot look around', async (t) => {
  t.ok(compilePattern('b').test('abc'), 'a match anywhere counts')
  t.notOk(compilePattern('^b').test('abc'))
  t.ok(compilePattern('^\\u0041\\/(?<x>b)$').test('A/b'), 'spellings of JavaScript')
  t.match(patternProblem('(?=a)b'), /look-ahead/)
  t.match(patternProblem('(?<!a)b'), /look-behind/)
  for (const bad of ['[', '(', '\\1', 'a{1001}', '((a{100}){10}){5}', '(x{1,40}){1,40}'])
    t.ok(patternProblem(bad), bad)
  t.equal(patternProblem('^(a|a)*$'), undefined)
  t.equal(patternProblem('\\(?=x'), undefined, 'an escaped parenthesis')
})

t.test('a pattern that hangs backtracking engines is matched', async (t) => {
  t.notOk(compilePattern('^(a|a)*$').test(`${'a'.repeat(5000)}!`))
})

/** From now on each look at the clock takes so many milliseconds. */
function slowDown(t: Test, step: number): void {
  let now = Math.ceil(performance.now())
  const value = () => {
    now += step
    return now
  }
  t.intercept(performance, 'now', { value })
}

t.test('a definition full of large patterns is refused before it stalls', async (t) => {
  await new Promise((resolve) => setImmediate(resolve))
  slowDown(t, 10)
  const problems = Array.from({ length: 50 }, (_, at) => patternProblem(`\\p{L}{1,${400 + at}}`))
  t.equal(problems[0], undefined)
  t.equal(
    problems.findIndex((problem) => problem !== undefined),
    31,
    'after 300 ms',
  )
  t.match(problems.at(-1), /too long to compile/)
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(patternProblem('a'), undefined)
})

t.test('the work of one turn is bounded, and the next turn starts afresh', async (t) => {
  // Fresh each time: RE2 remembers the states it has seen, which makes a second match cheap.
  const costly = () => compilePattern('\\p{L}{1,400}\\p{N}$')
  const text = 'ab'.repeat(600)
  t.throws(() => costly().test(text.repeat(100)), /too long for the pattern/, 'a text too long for it')
  slowDown(t, 50)
  for (let turn = 0; turn <= 20; turn += 1) t.notOk(costly().test(text))
  t.throws(() => costly().test(text), /too long for the pattern/, 'after a second')
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(costly().test('ab'.repeat(100)))
})
