// Filters as other query languages write them, each with what it asks for.

export const POSITIVE =
  'eq EQ equals equal exact iexact ieq like ilike contains icontains startswith endsWith in oneof isin has search anyof containsall overlaps match regex fts wfts between sw foo any(eq) all(eq) eq(none) eq(some) array_contains contained istrue within cs ov is'

export const NEGATIVE =
  'ne neq NEQ noteq not_equals different distinct nei nieq ine not nlike notlike not_like nilike doesNotContain notcontains nin notin not_in isnot is_not is_distinct_from isdistinctfrom isdistinct unlike excludes nbetween notmatch ne(any) neq(some) neq(all) notfoo !eq !like !in <>'

const SIGNS: [sign: string, isNegative: boolean][] = [
  ['=', false],
  ['==', false],
  ['~', false],
  ['!', true],
  ['!=', true],
  ['<>', true],
  ['=!=', true],
  ['!~', true],
]

/** Texts that stand for `a` as other languages write values, or for a filter within the filter. */
const VALUES = [
  'a',
  ' a',
  '(a)',
  '{a}',
  "'a'",
  '"a"',
  '*a*',
  'eq.a',
  '(eq.a)',
  '_eq.a',
  'eq(all).{a}',
  'in.(a)',
  '',
]

const BEFORE = ['', 'not.', '!', 'NOT.', 'not ', '$', '_', '-', '.']

export interface Asked {
  query: string
  /** Whether it asks for what is not `a`. */
  isNegative: boolean
}

const isNegated = (before: string) => /not|!/i.test(before)

export const encode = (name: string, value: string) =>
  `${encodeURIComponent(name)}=${encodeURIComponent(value)}`

function* inValues(): Generator<Asked> {
  const words = [
    ...POSITIVE.split(' ').map((word) => [word, false] as const),
    ...NEGATIVE.split(' ').map((word) => [word, true] as const),
  ]
  for (const [index, [word, isOpposite]] of words.entries())
    for (const [place, before] of BEFORE.entries())
      for (const [at, value] of VALUES.entries()) {
        // A bare word, known as an operator or not, is a value.
        const end = ['.', ':', value === '' ? '.' : ' '][(index + place + at) % 3]
        yield {
          query: encode('name', `${before}${word}${end}${value}`),
          isNegative: isNegated(before) !== isOpposite,
        }
      }
  for (const [word, isNegative] of words) {
    for (const query of [
      encode(`name[${word}]`, 'eq.a'),
      encode(`name__${word}`, ' a'),
      encode('tags', `${word}.a`),
    ])
      yield { query, isNegative }
    yield { query: encode(`not[name][${word}]`, 'a'), isNegative: !isNegative }
    yield { query: encode(`or[0][name][${word}]`, '"a"'), isNegative }
  }
}

function* inSigns(): Generator<Asked> {
  for (const [sign, isNegative] of SIGNS)
    for (const value of VALUES) {
      for (const text of [`${sign}${value}`, `${sign} ${value}`, ` ${sign} ${value}`])
        yield { query: encode('name', text), isNegative }
      yield { query: `name%20${sign}%20${encodeURIComponent(value)}`, isNegative }
      yield { query: `name${sign}${encodeURIComponent(value)}`, isNegative }
    }
}

/** Filters in the operators of other languages, negated and not, with values that may be taken for something else. */
export const foreignFilters = (): Asked[] => [...inValues(), ...inSigns()]
