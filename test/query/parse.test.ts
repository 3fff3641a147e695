// The grammar: query strings and what they mean, before any entity is known.
import t from 'tap'
import type { FieldPath } from '../../lib/query/ast.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'

const path = (name: string, ...steps: (string | number)[]): FieldPath => ({ name, path: steps, text: false })

const text = (name: string, ...steps: (string | number)[]): FieldPath => ({ name, path: steps, text: true })

const condition = (field: string | FieldPath, operator: string, value: string | string[], more = {}) => ({
  kind: 'condition',
  field: typeof field === 'string' ? path(field) : field,
  negated: false,
  operator,
  value,
  ...more,
})

const logic = (kind: 'and' | 'or', nodes: unknown[], negated = false) => ({ kind, negated, nodes })

const filters: [string, unknown[]][] = [
  ['a=eq.1', [condition('a', 'eq', '1')]],
  ['a=not.eq.1', [condition('a', 'eq', '1', { negated: true })]],
  ['a=eq.', [condition('a', 'eq', '')]],
  ['a=eq.eq.1', [condition('a', 'eq', 'eq.1')]],
  ['a=eq."x"', [condition('a', 'eq', '"x"')]],
  ['a=eq.x,y)', [condition('a', 'eq', 'x,y)')]],
  ['a=gt.1&a=lt.5', [condition('a', 'gt', '1'), condition('a', 'lt', '5')]],
  [
    'a[0]=gt.1&a[0][1]=lt.5&a[]=neq.3',
    [condition('a', 'gt', '1'), condition('a', 'lt', '5'), condition('a', 'neq', '3')],
  ],
  ['a=in.()', [condition('a', 'in', [])]],
  ['a=in.(1, 2 , "x,y)","q\\"q")', [condition('a', 'in', ['1', ' 2 ', 'x,y)', 'q"q'])]],
  ['a=in.( )', [condition('a', 'in', [])]],
  ['a=in.(})', [condition('a', 'in', ['}'])]],
  ['a=in.("x"y,"z)', [condition('a', 'in', ['"x"y', '"z'])]],
  ['a=in.(,)', [condition('a', 'in', ['', ''])]],
  ['a=is.NULL', [condition('a', 'is', 'null')]],
  ['a=like(any).{x*,"y,z",\\{}', [condition('a', 'like', ['x*', 'y,z', '{'], { quantifier: 'any' })]],
  ['a=not.gte(all).{1,2}', [condition('a', 'gte', ['1', '2'], { negated: true, quantifier: 'all' })]],
  ['a=cs.{x,"y"}', [condition('a', 'cs', '{x,"y"}')]],
  ['meta-%3Ea-%3E0-%3E%3Eb-c=eq.1', [condition(text('meta', 'a', 0, 'b-c'), 'eq', '1')]],
  ['meta->-1->"x.y"=eq.1', [condition(path('meta', -1, 'x.y'), 'eq', '1')]],
  ['meta->1a=eq.1', [condition(path('meta', '1a'), 'eq', '1')]],
  [
    'or=(a.eq.1,b.not.eq.2)',
    [logic('or', [condition('a', 'eq', '1'), condition('b', 'eq', '2', { negated: true })])],
  ],
  ['or=()', [logic('or', [])]],
  ['not.and=(a.eq.1)', [logic('and', [condition('a', 'eq', '1')], true)]],
  [
    'or=(a.eq.1, not.and(b.in.(1,2), or(c.eq."x,y)",d.cs.{1,2})))',
    [
      logic('or', [
        condition('a', 'eq', '1'),
        logic(
          'and',
          [
            condition('b', 'in', ['1', '2']),
            logic('or', [condition('c', 'eq', 'x,y)'), condition('d', 'cs', '{1,2}')]),
          ],
          true,
        ),
      ]),
    ],
  ],
  [
    'or=(a.like(any).{x,y},b.cs.{"k":{"l":"),"}})',
    [
      logic('or', [
        condition('a', 'like', ['x', 'y'], { quantifier: 'any' }),
        condition('b', 'cs', '{"k":{"l":"),"}}'),
      ]),
    ],
  ],
  ['or=(m->a->>b.eq.1)', [logic('or', [condition(text('m', 'a', 'b'), 'eq', '1')])]],
  ['and=(a.eq."x"y,b.eq."z)', [logic('and', [condition('a', 'eq', '"x"y'), condition('b', 'eq', '"z')])]],
  ['a=eq.%2B1%20x+y', [condition('a', 'eq', '+1 x y')]],
]

t.test('filters', async (t) => {
  for (const [search, where] of filters) t.strictSame(parseQuery(search).where, where, search)
})

const order = (name: string, descending = false, more = {}) => ({ field: path(name), descending, ...more })

const column = (name: string, more = {}) => ({ kind: 'field', field: path(name), ...more })

const embed = (name: string, select: unknown[], more = {}) => ({
  kind: 'embed',
  name,
  spread: false,
  inner: false,
  select,
  ...more,
})

const settings: [string, Record<string, unknown>][] = [
  ['', { select: [{ kind: 'all' }], order: [] }],
  [
    'order=a,b.desc,c.nullsfirst, d.asc.nullslast',
    {
      order: [
        order('a'),
        order('b', true),
        order('c', false, { nulls: 'first' }),
        order('d', false, { nulls: 'last' }),
      ],
    },
  ],
  [
    'order=meta->>a.desc,course(name).asc',
    {
      order: [
        { field: text('meta', 'a'), descending: true },
        { relation: 'course', field: path('name'), descending: false },
      ],
    },
  ],
  ['limit=5&offset=10&cursor=x', { limit: 5, offset: 10, cursor: 'x' }],
  ['limit=99999999999999999999', { limit: Number.MAX_SAFE_INTEGER }],
  ['columns=a,"b c"&on_conflict=a,a', { columns: ['a', 'b c'], onConflict: ['a'] }],
  [
    'select=*, a ,x:b,m->>k,y:m->0',
    {
      select: [
        { kind: 'all' },
        column('a'),
        column('b', { alias: 'x' }),
        { kind: 'field', field: text('m', 'k') },
        { kind: 'field', field: path('m', 0), alias: 'y' },
      ],
    },
  ],
  [
    'select=count(),n:count(),a.sum(),b:m->k.count()',
    {
      select: [
        { kind: 'aggregate', aggregate: 'count' },
        { kind: 'aggregate', aggregate: 'count', alias: 'n' },
        { kind: 'aggregate', aggregate: 'sum', field: path('a') },
        { kind: 'aggregate', aggregate: 'count', field: path('m', 'k'), alias: 'b' },
      ],
    },
  ],
  [
    'select=c(*),x:c!h!inner(a,d()),...e!left(f)',
    {
      select: [
        embed('c', [{ kind: 'all' }]),
        embed('c', [column('a'), embed('d', [])], { alias: 'x', hint: 'h', inner: true }),
        embed('e', [column('f')], { spread: true }),
      ],
    },
  ],
]

t.test('settings', async (t) => {
  for (const [search, expected] of settings) t.match(parseQuery(search), expected, search)
})

t.test('parameters of embedded levels', async (t) => {
  const { embedded } = parseQuery('c.a=eq.1&c.d.order=x&c.d.not.or=(y.eq.2)&c.limit=3')
  t.strictSame(embedded.get('c')?.where, [condition('a', 'eq', '1')])
  t.equal(embedded.get('c')?.limit, 3)
  const deeper = embedded.get('c')?.embedded.get('d')
  t.strictSame(deeper?.order, [order('x')])
  t.strictSame(deeper?.where, [logic('or', [condition('y', 'eq', '2')], true)])
})

const refusals: [string, RegExp, RegExp?][] = [
  ['name=John', /does not begin with an operator/, /Operators: eq/],
  ['name=', /does not begin/],
  ['name=noop.1', /does not begin/, /Operators: eq/],
  ['name=fts.x', /does not begin/],
  ['name=eq(any).x', /"\{"/],
  ['name=cs(any).{x}', /cs does not take/],
  ['name=in.1', /"\("/],
  ['name=in.(1', /"\)"/],
  ['name=in.(1)x', /the end/],
  ['name=is.maybe', /is takes null/],
  ['=eq.1', /a name/],
  ['a b=eq.1', /the end/],
  ['a->=eq.1', /a key/],
  ['or=(a.eq.1', /"\)"/],
  ['or=a.eq.1', /"\("/],
  ['or=(a.eq.1))', /the end/],
  ['and=()', /a name/],
  [`or=${'(or'.repeat(11)}()`, /levels deep/],
  [Array(101).fill('a=eq.1').join('&'), /at most 100 conditions/],
  [`a=gt(any).{${Array(101).fill(1)}}`, /at most 100 conditions/],
  [`a=eq.${'x'.repeat(33000)}`, /at most 32768 characters/],
  ['a=eq.%00', /U\+0000/],
  ['a=eq.%ff', /UTF-8/],
  ['limit=-1', /whole number/],
  ['limit=', /whole number/],
  ['limit=1.0', /whole number/],
  ['offset=1e3', /whole number/],
  ['limit=1&limit=2', /given twice/],
  ['select=a&select=b', /given twice/],
  ['order=a.down', /".asc"/],
  ['order=a,', /a name/],
  ['order=a.asc.desc', /".asc"/],
  [`order=${Array(11).fill('a')}`, /at most 10 fields/],
  ['select=a,,b', /a name/],
  ['select=a b', /the end/],
  ['select=a::int', /"::int" is not possible/, /::text/],
  ['select=a::', /a name/],
  ['select=a::text.sum()', /the end/],
  ['select=a.sum()::text', /not cast/],
  ['select=c(a', /"\)"/],
  ['select=a.sum', /count\(\), sum/],
  ['a.b.c.d.e.f.g=eq.1', /levels deep/],
  ['columns=', /a name/],
]

t.test('what cannot be read is refused, with a hint where one helps', async (t) => {
  for (const [search, message, hint] of refusals)
    t.throws(
      () => parseQuery(search),
      { name: 'Problem', message, kind: { status: 400 }, ...(hint ? { extras: { hint } } : {}) } as never,
      search.slice(0, 60),
    )
})
