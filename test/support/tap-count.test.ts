// (to be described)
import t from 'tap'
import { TapCount } from './tap-count.ts'

function count(stream: string): { passed: number; failed: number } {
  const result = new TapCount()
  for (const line of stream.split('\n')) result.read(line)
  return { passed: result.passed, failed: result.failed }
}

t.test('tests count, their assertions and the files around them do not', async (t) => {
  const stream = [
    '# Subtest: a.test.js',
    '    # Subtest: first promise',
    '        ok 1 - should be equal',
    '        not ok 2 - should be equal',
    '    not ok 1 - first promise # time=1ms',
    '    # Subtest: second promise',
    '        ok 1 - should be equal',
    '    ok 2 - second promise # time=1ms',
    '    1..2',
    'not ok 1 - a.test.js # time=3ms',
  ]
  t.same(count(stream.join('\n')), { passed: 1, failed: 1 })
})

t.test('a file that fails without a failing test counts as one failure', async (t) => {
  t.same(count('    ok 1 - fine\nnot ok 1 - a.test.js # time=3ms\nok 2 - b.test.js'), {
    passed: 1,
    failed: 1,
  })
})

t.test('what is skipped or to do is neither', async (t) => {
  t.same(count('    ok 1 - later # SKIP no browser\n    not ok 2 - x # TODO\nok 1 - a'), {
    passed: 0,
    failed: 0,
  })
})
