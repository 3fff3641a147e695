// Places among the connections: shares of tenants and kinds, turns, and refusals after too long a wait.
import t from 'tap'
import { ConnectionGate, SHARED } from '../../../lib/db/connections/connection-gate.ts'

const gate = (patience = 60_000) => new ConnectionGate({ size: 10, patience })

/** Enters without waiting; how many got a place. */
async function fill(
  of: ConnectionGate,
  tenant: string,
  kind: 'read' | 'write' | 'stream' | 'transaction',
  times = 20,
) {
  const places: (() => void)[] = []
  for (let n = 0; n < times; n++)
    of.enter(tenant, kind)
      .then((place) => places.push(place))
      .catch(() => {})
  await new Promise(setImmediate)
  return places
}

for (const [kind, most] of [
  ['read', 5],
  ['write', 5],
  ['stream', 3],
  ['transaction', 4],
] as const)
  t.test(`one tenant has at most ${most} connections to ${kind}`, async (t) => {
    const of = gate()
    t.equal((await fill(of, 'a', kind)).length, most)
    t.ok((await fill(of, 'b', kind, 1)).length === 1, 'and another still has one')
  })

t.test('whatever it does, one tenant leaves connections to the others', async (t) => {
  const of = gate()
  const kinds = ['transaction', 'read', 'write', 'stream'] as const
  const taken = []
  for (const kind of kinds) taken.push(...(await fill(of, 'a', kind)))
  t.equal(taken.length, 6)
  for (const kind of kinds) t.equal((await fill(of, `other ${kind}`, kind, 1)).length, 1, kind)
})

t.test('tenants that wait take turns', async (t) => {
  const of = gate()
  const order: string[] = []
  const places = [...(await fill(of, SHARED, 'read', 8))]
  for (const tenant of ['a', 'a', 'a', 'b', 'c'])
    of.enter(tenant, 'read').then((place) => {
      order.push(tenant)
      places.push(place)
    })
  while (order.length < 5) {
    places.shift()?.()
    await new Promise(setImmediate)
  }
  t.strictSame(order, ['a', 'b', 'c', 'a', 'a'])
})

t.test('a tenant that waits for one kind is not kept from another', async (t) => {
  const of = gate()
  await fill(of, 'a', 'stream')
  t.equal((await fill(of, 'a', 'read', 1)).length, 1)
})

t.test('a wait that is too long ends in a refusal and leaves no trace', async (t) => {
  // The gate's own timer keeps no process alive.
  const alive = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(alive))
  const of = gate(1)
  const places = await fill(of, 'a', 'stream', 3)
  await t.rejects(of.enter('a', 'stream'), { message: /try again/ })
  for (const place of places) place()
  t.equal((await fill(of, 'a', 'stream')).length, 3)
})
