// A printed filter is read back as the same filter: on examples, and on random trees.
import t from 'tap'
import type { ConditionNode, FilterNode } from '../../lib/query/ast.ts'
import { parseQuery } from '../../lib/query/parse/parse-query.ts'
import { printFilters } from '../../lib/query/print-filter.ts'

const examples = {
  'owner=eq.$user.id': 'owner=eq.$user.id',
  'or=(owner.eq.$user.id,public.is.true)': 'or=(owner.eq.$user.id,public.is.true)',
  'not.and=(a.gt.1,not.or(b.is.null,c.not.in.(x,"y,z")))&d=like.a%25b':
    'not.and=(a.gt.1,not.or(b.is.null,c.not.in.(x,"y,z")))&d=like.a%25b',
  'meta->a->0->>b=eq(any).{1,2}': 'meta->a->0->>b=eq(any).{"1","2"}',
  'or=()': 'or=()',
  'a=in.()': 'a=in.()',
  'name=eq."x" %26 y': 'name=eq."x"%20%26%20y',
}

for (const [text, printed] of Object.entries(examples)) {
  t.test(text, async (t) => {
    const { where } = parseQuery(text)
    t.equal(printFilters(where), printed)
    t.strictSame(parseQuery(printed).where, where)
  })
}

/** A generator of its own, so that a failure comes again. */
function randomNumbers(seed: number) {
  let state = seed
  return (below: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
}

const TEXTS = [
  '',
  'a',
  ' a b ',
  '"',
  'a"b',
  '\\',
  'x,y',
  '(',
  ')',
  '{a}',
  '%',
  '&',
  '=',
  '+',
  '#',
  'ä',
  '가',
  '\n',
  '->',
  'not.eq.1',
]

t.test('random trees', async (t) => {
  const random = randomNumbers(7)
  const pick = <T>(list: readonly T[]) => list[random(list.length)] as T
  const condition = (): ConditionNode => {
    const field = {
      name: pick(['a', 'b_2', 'Zeit']),
      path: random(3) > 0 ? [] : [pick(TEXTS), random(5)],
      text: false,
    }
    if (field.path.length > 0) field.text = random(2) === 0
    const base = { kind: 'condition', field, negated: random(2) === 0 } as const
    const kind = random(3)
    if (kind === 0)
      return { ...base, operator: 'in', value: Array.from({ length: random(4) }, () => pick(TEXTS)) }
    if (kind === 1) {
      const value = Array.from({ length: random(4) }, () => pick(TEXTS))
      return { ...base, operator: pick(['eq', 'like']), quantifier: pick(['any', 'all']), value }
    }
    return { ...base, operator: pick(['eq', 'gt', 'cs', 'ilike']), value: pick(TEXTS) }
  }
  const node = (depth: number): FilterNode => {
    if (depth === 0 || random(2) === 0) return condition()
    const kind = pick(['and', 'or'] as const)
    const nodes = Array.from({ length: 1 + random(3) }, () => node(depth - 1))
    return { kind, negated: random(2) === 0, nodes }
  }
  for (let round = 0; round < 2000; round += 1) {
    const where = Array.from({ length: 1 + random(3) }, () => node(3))
    const printed = printFilters(where)
    try {
      if (JSON.stringify(parseQuery(printed).where) !== JSON.stringify(where))
        t.strictSame(parseQuery(printed).where, where, printed)
    } catch (error) {
      t.fail(`${printed}: ${error}`)
    }
  }
  t.pass('all are read back')
})
