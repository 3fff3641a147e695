// (to be described)

import fc from 'fast-check'
import t from 'tap'
import { Problem } from '../../lib/errors/problem.ts'
import { type Preferences, parsePrefer, preferenceApplied } from '../../lib/query/prefer.ts'

const scenarios: [string, string | string[] | undefined, Preferences][] = [
  ['no header is no preference', undefined, {}],
  ['a list', 'return=minimal, count=exact', { return: 'minimal', count: 'exact' }],
  ['several headers', ['tx=rollback', 'bulk=partial'], { tx: 'rollback', bulk: 'partial' }],
  ['a number', 'max-affected=10', { maxAffected: 10 }],
  ['quotes, case, spaces and parameters', 'Return = "Representation"; x=1 ,', { return: 'representation' }],
  ['the first of two counts', 'count=planned,count=exact', { count: 'planned' }],
  ['what is unknown is passed over', 'foo, return=all, max-affected=-1, constructor=x, __proto__=y', {}],
  ['lenient passes over as well', 'handling=lenient, foo', { handling: 'lenient' }],
  [
    'upserts',
    'resolution=merge-duplicates,missing=default',
    { resolution: 'merge-duplicates', missing: 'default' },
  ],
]

t.test('the Prefer header is read', async (t) => {
  for (const [name, header, expected] of scenarios) t.strictSame(parsePrefer(header), expected, name)
})

t.test('strict handling refuses what is unknown, by name', async (t) => {
  t.throws(() => parsePrefer('handling=strict, foo, return=all'), { message: /foo, return=all/ })
  t.strictSame(parsePrefer('handling=strict, count=exact'), { handling: 'strict', count: 'exact' })
})

t.test('what was done is told, in the spelling of the header', async (t) => {
  const preferences = parsePrefer('max-affected=3, return=minimal, count=exact')
  t.equal(preferenceApplied(preferences, ['return', 'maxAffected', 'tx']), 'return=minimal, max-affected=3')
  t.equal(preferenceApplied(preferences, []), undefined)
})

t.test('no header makes it fail but with a Problem', async () => {
  const part = fc.constantFrom('return', 'handling', 'strict', '=', ',', ';', '"', 'max-affected', ' ', '9')
  const header = fc.oneof(
    fc.string(),
    fc.array(part).map((parts) => parts.join('')),
  )
  fc.assert(
    fc.property(header, (text) => {
      try {
        parsePrefer(text)
      } catch (error) {
        return error instanceof Problem
      }
      return true
    }),
  )
})
