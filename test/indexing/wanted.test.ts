// Which fields a query wants an index for, and when somebody looks whether they deserve one: pure.
import t from 'tap'
import {
  type IndexRequest,
  MissingIndexCounter,
  timeoutHint,
  wantedFields,
} from '../../lib/indexing/missing-indexes.ts'
import { contextOf, entity, field, plan } from '../support/query/sample.ts'

const one = entity(
  'student',
  [
    field('name', 'string'),
    field('age', 'integer'),
    field('born', 'date'),
    field('tags', 'array', { items: { type: 'string' } }),
    field('kinds', 'enum', { values: ['a', 'b'], many: true }),
    field('meta', 'json'),
    field('secret', 'string'),
  ],
  { slots: ['born'] },
)

const trusted = contextOf(one, { readable: () => true })

const wants = (search: string) => wantedFields(plan(search, trusted)).map(({ name }) => name)

const scenarios: [search: string, wanted: string[]][] = [
  ['', []],
  ['age=eq.1', ['age']],
  ['age=gt.1&age=lt.5', ['age']],
  ['age=in.(1,2)&name=is.null', ['age', 'name']],
  ['name=like.ab*', ['name']],
  ['name=ilike.*b', []],
  ['age=neq.1', []],
  ['age=not.eq.1', []],
  ['age=not.lt.1', ['age']],
  ['born=gt.2020-01-01', []],
  ['order=name', ['name']],
  ['order=born,name', []],
  ['order=created_at.desc', []],
  ['and=(age.eq.1,or(name.eq.a,born.eq.2020-01-01))', ['age', 'name']],
  ['or=(age.eq.1,name.neq.a)', []],
  ['tags=cs.{a}&kinds=ov.{a}&meta->a=eq.1', []],
  ['id=eq.00000000-0000-7000-8000-000000000001&name=eq.a', []],
]

for (const [search, wanted] of scenarios) t.test(search, async (t) => t.strictSame(wants(search), wanted))

t.test('a wish comes up after the fifth query, then ever later, but never too late', async (t) => {
  const wishes: IndexRequest[] = []
  const missingIndexes = new MissingIndexCounter((wish) => wishes.push(wish))
  const asked = plan('age=eq.1', trusted)
  const after: number[] = []
  for (let n = 1; n <= 3000; n++) {
    const before = wishes.length
    missingIndexes.note(asked)
    if (wishes.length > before) after.push(n)
  }
  t.strictSame(after, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 1920, 2560])
  t.match(wishes[0], { tenantId: one.tenantId, entity: 'student', entityId: 1, key: 'age' })
})

t.test(
  'the hint names no field that the caller cannot read, and tells of an index that is being filled',
  async (t) => {
    const readable = ({ name }: { name: string }) => name !== 'secret'
    t.notMatch(timeoutHint(plan('secret=eq.a', trusted), readable), /secret/)
    t.match(timeoutHint(plan('secret=eq.a&age=eq.1', trusted), readable), /on "age"\.$/)
    const filling = { ...one, slots: { ...one.slots, age: { slot: 2, ready: false } } }
    const asked = plan('age=eq.1', contextOf(filling))
    t.match(timeoutHint(asked, readable), /"age" is being filled/)
  },
)
