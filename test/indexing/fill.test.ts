// The life of an index slot: asked for, filled beside writers, ready, given back, used again.

import { randomUUID } from 'node:crypto'
import t from 'tap'
import { startApp } from '../support/app.ts'
import {
  define,
  indexesOf,
  look,
  redefine,
  startSlots,
  unready,
  whenReady,
  wrongKeys,
  wrongSlots,
} from '../support/indexing/entity.ts'

const age = { name: 'age', type: 'integer' }

const name = { name: 'name', type: 'string' }

const asked = (field: object) => ({ ...field, indexed: true })

const people = (count: number) =>
  Array.from({ length: count }, (_, n) => (n % 10 === 0 ? { name: `n${n}` } : { name: `n${n}`, age: n % 90 }))

t.test('the slots of a new entity are ready at once, and writers fill them', async (t) => {
  const { app, send } = await startSlots(t)
  await define(send, 'student', [name, asked(age)], people(20))
  t.match(await indexesOf(send, 'student'), [
    { field: 'age', slot: 1, state: 'ready', progress: 1, reason: 'requested', why: /"indexed": true/ },
  ])
  t.equal(await wrongSlots(app, 'student', 'age', 1), 0)
})

t.test('a slot asked for later is filled in the background, unset values as well', async (t) => {
  const { app, send } = await startSlots(t)
  await define(send, 'student', [name, age], people(2500))
  const question = '/student/?order=age.desc&age=gte.80&limit=50'
  const before = (await send('GET', question)).json()
  await redefine(send, 'student', [name, asked(age)])
  await whenReady(send, 'student', 1)
  t.equal(await wrongSlots(app, 'student', 'age', 1), 0)
  t.same((await send('GET', question)).json(), before)
  t.equal((await send('GET', '/schemas/student')).json().version, 2, 'being ready is no new version')
  t.same(await look(app, 'select * from slot_fill'), [], 'the job is done')
})

t.test('an empty entity has its new slots ready as well', async (t) => {
  const { send } = await startSlots(t)
  await define(send, 'student', [name])
  await redefine(send, 'student', [asked(name), asked(age)])
  t.match(await whenReady(send, 'student', 2), [{ field: 'name' }, { field: 'age' }])
})

t.test('writers and several servers go on while a slot is filled, and nothing is lost', async (t) => {
  const { app, database, send } = await startSlots(t)
  await startApp(t, database)
  await define(send, 'student', [name, age], people(4000))
  const ids = (await send('GET', '/student/?select=id&limit=1000')).json().map(({ id }: { id: string }) => id)
  let filling = true
  const statuses = new Set<number>()
  const write = async (writer: number) => {
    for (let n = 0; filling; n++) {
      const one = `/student/${ids[(n * 37 + writer * 101) % ids.length]}`
      statuses.add((await send('PATCH', one, { age: n % 7 === 0 ? null : n })).statusCode)
      statuses.add((await send('POST', '/student/', { name: 'new', age: n })).statusCode)
      statuses.add((await send('PATCH', `/student/?age=eq.${n}&name=neq.new`, { age: n + 1 })).statusCode)
    }
  }
  const writers = [1, 2, 3, 4].map(write)
  await redefine(send, 'student', [name, asked(age)])
  await whenReady(send, 'student', 1)
  filling = false
  await Promise.all(writers)
  t.same([...statuses].sort(), [200, 201, 204])
  t.equal(await wrongSlots(app, 'student', 'age', 1), 0)
})

t.test('what a dead process has begun, another ends, and not before it is known to be dead', async (t) => {
  const { app, database, send } = await startSlots(t)
  await define(send, 'student', [name, asked(age)], people(2500))
  await unready(app, 'student', 'age', { done: 1200, worker: randomUUID() })
  t.equal(await app.directory.claimSlotFill(randomUUID()), null, 'the other one may be alive')
  const [{ state, progress } = { state: '', progress: -1 }] = await indexesOf(send, 'student')
  t.equal(state, 'filling')
  t.ok(progress > 0 && progress < 1, `${progress}`)
  t.same((await send('GET', '/student/?age=eq.81&select=name')).json().length, 27, 'half of it is not read')
  await look(app, "update slot_fill set worked_at = now() - interval '31 seconds'")
  await startApp(t, database)
  await whenReady(send, 'student', 1)
  t.equal(await wrongSlots(app, 'student', 'age', 1), 0)
})

t.test('a slot that another field has had shows nothing of it', async (t) => {
  const { app, send } = await startSlots(t)
  const dozen = Array.from({ length: 12 }, (_, n) => ({ name: `f${n}`, type: 'integer' }))
  const record = (n: number) => Object.fromEntries([['other', -n], ...dozen.map(({ name }) => [name, n])])
  const other = { name: 'other', type: 'integer' }
  const records = Array.from({ length: 1500 }, (_, n) => record(n))
  await define(send, 'thing', [...dozen.map(asked), other], records)
  const [first, ...rest] = dozen
  const ids = (await send('GET', '/thing/?select=id&f0=gt.9&limit=1000')).json()
  let filling = true
  const write = async (writer: number) => {
    for (let n = writer; filling; n += 3)
      await send('PATCH', `/thing/${ids[n % ids.length].id}`, { other: -2000 - n, f0: 2000 + n })
  }
  const writers = [0, 1, 2].map(write)
  await redefine(send, 'thing', [first as object, ...rest.map(asked), asked(other)])
  const indexes = await whenReady(send, 'thing', 12)
  filling = false
  await Promise.all(writers)
  t.match(indexes.at(-1), { field: 'other', slot: 1 }, 'the only one that is free, once its keys are copied')
  t.equal(await wrongKeys(app, 'thing'), 0)
  t.equal(await wrongSlots(app, 'thing', 'other', 1), 0)
  t.same((await send('GET', '/thing/?other=gt.0')).json(), [])
  t.same((await send('GET', '/thing/?f0=eq.7&select=other')).json(), [{ other: -7 }])
})

t.test('a field asked for again while it was given up is filled from the start', async (t) => {
  const { app, send } = await startSlots(t)
  await define(send, 'student', [name, asked(age)], people(1500))
  const [one] = (await send('GET', '/student/?age=eq.81&limit=1')).json()
  await redefine(send, 'student', [name, age])
  await send('PATCH', `/student/${one.id}`, { age: 1000 })
  await redefine(send, 'student', [name, asked(age)])
  await whenReady(send, 'student', 1)
  t.match((await send('GET', '/student/?age=eq.1000')).json(), [{ id: one.id }])
  t.equal(await wrongSlots(app, 'student', 'age', 1), 0)
})

t.test(
  'a change of the type of a slotted field, and other work on the records, leave every slot right',
  async (t) => {
    const { app, send } = await startSlots(t)
    await define(send, 'student', [name, age], people(1500))
    await redefine(send, 'student', [name, asked(age)])
    await redefine(send, 'student', [asked(name), { ...asked(age), type: 'float' }])
    await redefine(send, 'student', [
      { ...asked(name), max_length: 10 },
      { ...asked(age), type: 'float' },
    ])
    const indexes = await whenReady(send, 'student', 2)
    for (const { field, slot } of indexes) t.equal(await wrongSlots(app, 'student', field, slot), 0, field)
  },
)

t.test('a purged entity takes its job with it', async (t) => {
  const { app, send } = await startSlots(t)
  await define(send, 'student', [name, asked(age)], people(10))
  await unready(app, 'student', 'age', { done: 5, worker: randomUUID() })
  t.equal((await send('DELETE', '/schemas/student?purge=true')).statusCode, 204)
  t.same(await look(app, 'select * from slot_fill'), [])
})
