// The log of changes is complete: whatever has written records, folding it backwards gives every earlier state.
import pg from 'pg'
import t, { type Test } from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'
import { Random } from '../support/hostile/random.ts'
import { ENTITIES, type World, WRITES } from '../support/log/routes.ts'
import { CHANGE_ROWS, foldTo, type States, statesNow } from '../support/log/states.ts'

const SEED = Number(process.env.UNIVERA_TEST_SEED ?? 7)

async function start(t: Test) {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)
  for (const entity of ENTITIES) t.equal((await send('POST', '/schemas', entity)).statusCode, 201)
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  t.teardown(() => client.end())
  return { app, send, client }
}

t.test('random writes through every route, folded backwards, give every earlier state', async (t) => {
  const { send, client } = await start(t)
  const ids: World['ids'] = async (entity) =>
    (await send('GET', `/${entity}?select=id`)).json().map(({ id }: { id: string }) => id)
  const source = new Random(SEED)
  const world: World = { send, random: () => source.next(), ids }
  const names = Object.keys(WRITES)
  const done = new Set<string>()
  const moments: { after: string; seq: string; states: States }[] = []
  for (let round = 0; round < 220; round++) {
    const name = names[round < names.length ? round : Math.floor(world.random() * names.length)] as string
    const answer = (await WRITES[name]?.(world)) as { statusCode: number } | undefined
    if (answer !== undefined && answer.statusCode < 300) done.add(name)
    t.ok((answer?.statusCode ?? 0) < 500)
    const { rows } = await client.query('select coalesce(max(seq), 0) as seq from change')
    moments.push({ after: `${round} ${name}`, seq: rows[0].seq, states: await statesNow(client) })
  }
  const present = await statesNow(client)
  const { rows: changes } = await client.query(CHANGE_ROWS)
  const ops = new Set(changes.map(({ op }) => op))
  t.strictSame([...ops].sort(), ['c', 'd', 'r', 'u'])
  t.strictSame([...done].sort(), [...names].sort(), 'each of them has written something')
  for (const { after, seq, states } of moments)
    t.strictSame(foldTo(present, changes, BigInt(seq)), states, after)
})

t.test('an entity that asks for nothing has no row in the log', async (t) => {
  const { send, client } = await start(t)
  await send('POST', '/schemas', { entity_name: 'plain', fields: [{ name: 'a', type: 'integer' }] })
  const { id } = (await send('POST', '/plain', { a: 1 })).json()
  await send('PATCH', `/plain/${id}`, { a: 2 })
  await send('DELETE', `/plain/${id}`)
  t.equal((await client.query('select from change')).rowCount, 0)
})
