// What patterns cost: next to nothing, or they are refused before they stall.
import t from 'tap'
import { compilePattern, patternProblem } from '../../lib/fields/pattern.ts'

t.test('a pattern that hangs backtracking engines costs next to nothing', async (t) => {
  const start = performance.now()
  t.notOk(compilePattern('^(a|a)*$').test(`${'a'.repeat(5000)}!`))
  t.ok(performance.now() - start < 500)
})

t.test('a definition full of large patterns is refused before it stalls', async (t) => {
  await new Promise((resolve) => setImmediate(resolve))
  const start = performance.now()
  const problems = Array.from({ length: 2000 }, (_, at) => patternProblem(`\\p{L}{1,${400 + (at % 90)}}`))
  t.equal(problems[0], undefined)
  t.match(problems.at(-1), /too long to compile/)
  t.ok(performance.now() - start < 2000)
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(patternProblem('a'), undefined)
})

t.test('the work of one turn is bounded, and the next turn starts afresh', async (t) => {
  // Fresh each time: RE2 remembers the states it has seen, which makes a second match cheap.
  const costly = () => compilePattern('\\p{L}{1,400}\\p{N}$')
  const text = 'ab'.repeat(6000)
  t.throws(() => costly().test(text.repeat(10)), /too long for the pattern/, 'a text too long for it')
  const start = performance.now()
  t.throws(() => {
    for (let turn = 0; turn < 200; turn += 1) costly().test(text)
  }, /too long for the pattern/)
  t.ok(performance.now() - start < 5000)
  await new Promise((resolve) => setImmediate(resolve))
  t.notOk(costly().test('ab'.repeat(100)))
})
