// The texts of several workers as one.
import t from 'tap'
import { maySeeMetrics } from '../../lib/metrics/access.ts'
import { mergeTexts } from '../../lib/metrics/exposition.ts'

const text = (worker: number, value: number) => `# HELP a First
# TYPE a counter
a{worker="${worker}"} ${value}

# HELP b Second
# TYPE b gauge
b{worker="${worker}"} ${value + 1}
`

t.test('each family comes once, with the samples of all', async (t) => {
  t.equal(
    mergeTexts([text(1, 5), text(2, 7)]),
    `# HELP a First
# TYPE a counter
a{worker="1"} 5
a{worker="2"} 7

# HELP b Second
# TYPE b gauge
b{worker="1"} 6
b{worker="2"} 8
`,
  )
  t.equal(mergeTexts([text(1, 5)]), text(1, 5))
})

t.test('a token is shown exactly', async (t) => {
  t.ok(maySeeMetrics(undefined, undefined), 'none is wanted')
  t.ok(maySeeMetrics('abc', 'Bearer abc'))
  for (const header of [undefined, '', 'abc', 'Basic abc', 'Bearer ab', 'Bearer abcd', 'Bearer '])
    t.notOk(maySeeMetrics('abc', header), String(header))
})
