// Plans that requests share: made once for those who may see the same, and never more of them than memory has room for.
import t from 'tap'
import { readShapeOf } from '../../lib/entities/read-shape.ts'
import type { Actor } from '../../lib/records/actor.ts'
import { PlanCache } from '../../lib/records/plan-cache.ts'

let entities = 0

const plans = new PlanCache()

/** An actor as far as plans depend on him, of an entity of a shape that has been asked for before. */
function seeing(count: number, { read = true, view = 'all' }: { read?: unknown; view?: string } = {}): Actor {
  const fields = Array.from({ length: count }, (_, n) => ({ name: `f${n}`, key: `f${n}`, type: 'string' }))
  const entity = { id: ++entities, fields, shape: readShapeOf({ fields, slots: {} }) }
  const actor = { entity, policy: { read, view } } as unknown as Actor
  plans.plan('whole', actor, plans.parse(''), () => ({}))
  return actor
}

function maker() {
  let made = 0
  const make = () => ({ number: ++made })
  return { make, made: () => made }
}

t.test(
  'a plan is made once for all who see the same of entities of one shape, and for nobody else',
  async (t) => {
    const query = plans.parse('f0=eq.1')
    const one = seeing(3)
    const { make } = maker()
    t.equal(plans.plan('list', one, query, make), plans.plan('list', seeing(3), plans.parse('f0=eq.1'), make))
    const others = [
      plans.plan('get', one, query, make),
      plans.plan('list', seeing(4), query, make),
      plans.plan('list', seeing(3, { view: 'some' }), query, make),
      plans.plan('list', seeing(3, { read: { condition: {} } }), query, make),
      plans.plan('list', one, plans.parse('f0=eq.2'), make),
      plans.plan('list', one, plans.parse('cursor=c'), make),
      plans.plan('list', one, plans.parse('cursor=c'), make),
    ]
    t.equal(new Set(others.map(({ number }) => number)).size, others.length)
    // Too long to be known when it comes again.
    const long = plans.parse(`f0=eq.${'x'.repeat(600)}`)
    t.not(plans.plan('list', one, long, make), plans.plan('list', one, long, make))
  },
)

t.test(
  'a plan with other entities is made once for a role, until something changes in the tenant',
  async (t) => {
    const query = plans.parse('select=f0,rel(*)')
    const entities = new Map()
    const policies = { all: true, none: false, some: { condition: {} } }
    const reader = (changes: object = {}, read: keyof typeof policies = 'all') => ({
      ...seeing(1),
      entity: { id: 7, fields: [] },
      caller: { role: 'clerk' },
      entities,
      policyOf: () => ({ read: policies[read] }),
      ...changes,
    })
    let made = 0
    const plan = (of: ReturnType<typeof reader>) =>
      plans.plan('list', of as unknown as Actor, query, (actor) => {
        actor.policyOf(actor.entity)
        return { number: ++made }
      }).number
    const first = plan(reader())
    t.equal(plan(reader()), first)
    t.equal(plan(reader({ fileUrls: { before: '/files/', after: '' } })), first + 1)
    t.equal(plan(reader({ caller: { role: 'boss' } })), first + 2)
    t.equal(plan(reader({ entities: new Map() })), first + 3, 'another epoch, another tenant')
    const mine = reader({ caller: { role: 'mine' } }, 'some')
    t.not(plan(mine), plan(mine), 'rows of the caller alone')
    const signed = reader({ fileUrls: { before: '/files/', after: '', signing: { inner: 'a', outer: 'b' } } })
    t.not(plan(signed), plan(signed))
    t.equal(plan(reader()), first)
  },
)

t.test('entities with many fields take no more memory than those with few', async (t) => {
  for (const [fields, least, most] of [
    [500, 100, 200],
    [10, 290, 300],
  ] as const) {
    const actor = seeing(fields)
    const { make, made } = maker()
    const queries = Array.from({ length: 300 }, (_, n) => plans.parse(`f0=eq.${n}`))
    for (const query of queries) plans.plan('list', actor, query, make)
    for (const query of queries.toReversed()) plans.plan('list', actor, query, make)
    const kept = 600 - made()
    t.ok(kept >= least && kept <= most, `${kept} plans with ${fields} fields`)
  }
})

t.test('two servers share no plan', async (t) => {
  const one = seeing(3)
  const { make } = maker()
  const other = new PlanCache()
  const planned = () => other.plan('list', one, other.parse('f0=eq.1'), make)
  planned()
  t.equal(planned(), planned())
  t.not(plans.plan('list', one, plans.parse('f0=eq.1'), make), planned())
})
