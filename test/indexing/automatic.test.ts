// A tenant never has to know what an index is: what queries filter and sort by gets one when there are many records.
import t from 'tap'
import { startApp } from '../support/app.ts'
import {
  define,
  indexesOf,
  redefine,
  type Send,
  sendAsAdmin,
  startSlots,
  whenReady,
  wrongSlots,
} from '../support/indexing/entity.ts'

const fields = [
  { name: 'name', type: 'string' },
  { name: 'age', type: 'integer' },
  { name: 'tags', type: 'array', items: { type: 'string' } },
  { name: 'note', type: 'string' },
]

const people = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ name: `n${n}`, age: n % 90, tags: ['a'], note: 'x' }))

async function ask(send: Send, search: string, times = 5) {
  for (let n = 0; n < times; n++) {
    const answer = await send('GET', search)
    if (answer.statusCode !== 200) throw new Error(answer.body)
  }
}

/** The server looks at requests for an index one after the other: with this one it has looked at all before. */
async function whenLookedAt(send: Send) {
  await define(send, 'control', [{ name: 'n', type: 'integer' }], Array(2001).fill({ n: 1 }))
  await ask(send, '/control/?n=eq.1')
  await whenReady(send, 'control', 1)
}

t.test('on a grown entity, fields that are filtered or sorted by get a slot', async (t) => {
  const { app, send } = await startSlots(t)
  await define(send, 'student', fields, people(2001))
  const expected = (await send('GET', '/student/?age=eq.7&order=name')).json()
  await ask(send, '/student/?age=eq.7&order=name')
  const indexes = await whenReady(send, 'student', 2)
  t.match(indexes, [
    { field: 'name', state: 'ready', reason: 'automatic', why: /filtered or sorted/ },
    { field: 'age', state: 'ready', reason: 'automatic' },
  ])
  for (const { field, slot } of indexes) t.equal(await wrongSlots(app, 'student', field, slot), 0, field)
  t.same((await send('GET', '/student/?age=eq.7&order=name')).json(), expected)
  t.equal((await send('GET', '/schemas/student')).json().version, 1, 'the definition is the same')
  t.notOk((await send('GET', '/schemas/student')).json().fields[1].indexed, 'nobody has asked for it')
})

t.test('a field that an index cannot serve, or that is only shown, gets none', async (t) => {
  const { send } = await startSlots(t)
  await define(send, 'student', fields, people(2001))
  await ask(send, '/student/?tags=cs.{a}&note=neq.y&name=like.*7&select=name,age&or=(age.eq.1,tags.cs.{b})')
  await whenLookedAt(send)
  t.same(await indexesOf(send, 'student'), [])
})

t.test('on a small entity none does, until it has grown', async (t) => {
  const { send } = await startSlots(t)
  await define(send, 'student', fields, people(1999))
  await ask(send, '/student/?age=gt.7', 10)
  await whenLookedAt(send)
  t.same(await indexesOf(send, 'student'), [])
  await send('POST', '/student/', people(2))
  await ask(send, '/student/?age=gt.7', 10)
  t.match(await whenReady(send, 'student', 1), [{ field: 'age' }])
})

t.test('several servers that decide at once give one slot', async (t) => {
  const { app, database, send } = await startSlots(t)
  const others = await Promise.all([1, 2, 3].map(async () => sendAsAdmin(await startApp(t, database))))
  await define(send, 'student', fields, people(2001))
  await Promise.all([send, ...others].map((one) => ask(one, '/student/?age=gt.7&order=name.desc&name=gte.n')))
  const indexes = await whenReady(send, 'student', 2)
  t.same(new Set(indexes.map(({ slot }) => slot)), new Set([1, 2]))
  for (const { field, slot } of indexes) t.equal(await wrongSlots(app, 'student', field, slot), 0, field)
})

t.test(
  'an index that is asked for takes the slot of an automatic one, and stays when asked for no more',
  async (t) => {
    const { app, send } = await startSlots(t)
    const dozen = Array.from({ length: 12 }, (_, n) => ({ name: `f${n}`, type: 'integer' }))
    const all = [...dozen, { name: 'other', type: 'integer' }]
    const record = (n: number) => Object.fromEntries(all.map(({ name }, at) => [name, n * (at + 1)]))
    await define(
      send,
      'thing',
      all,
      Array.from({ length: 2001 }, (_, n) => record(n)),
    )
    for (const { name } of dozen) await ask(send, `/thing/?${name}=eq.5`)
    await whenReady(send, 'thing', 12)
    await ask(send, '/thing/?other=eq.5')
    await redefine(send, 'thing', [...dozen, { name: 'other', type: 'integer', indexed: true }])
    const indexes = await whenReady(send, 'thing', 12)
    t.match(indexes.at(-1), { field: 'other', reason: 'requested' })
    for (const { field, slot } of indexes) t.equal(await wrongSlots(app, 'thing', field, slot), 0, field)
    for (const [at, { name }] of dozen.entries())
      t.match((await send('GET', `/thing/?${name}=eq.${7 * (at + 1)}`)).json(), [{ f0: 7 }], name)
  },
)
