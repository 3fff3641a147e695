// A change of more records than one transaction rewrites: begun, prepared beside live traffic, put in force.
import t from 'tap'
import { look, startSlots } from '../../support/indexing/entity.ts'
import {
  defineItems,
  entityNamed,
  MANY,
  storedRows,
  whenSettled,
  withSize,
  wronglyDerived,
} from '../../support/schema/conversion.ts'

const NO_WAIT = { prefer: 'wait=0' }

t.test('a change of many records is prepared and put in force while the client waits', async (t) => {
  const { app, send } = await startSlots(t)
  await defineItems(send, { field: { indexed: true } })
  const changed = await send('PUT', '/schemas/item', withSize({ type: 'integer', indexed: true }))
  t.match([changed.statusCode, changed.json()], [200, { version: 2, fields: [{}, { type: 'integer' }] }])
  const entity = await entityNamed(app, 'item')
  t.match(entity.fields[1], { key: 'size~2', from: [{ key: 'size' }] })
  t.match(entity.slots, { 'size~2': { ready: true } })
  const rows = await storedRows(app, entity)
  t.equal(rows.length, MANY)
  t.same(wronglyDerived(entity, rows), [])
  t.ok(rows.every(({ data }) => data.size === String(data['size~2'])))
  t.match((await send('GET', '/item/?size=gte.5098&select=name,size')).json(), [
    { name: 'n5098', size: 5098 },
    { name: 'n5099', size: 5099 },
  ])
  t.same(await look(app, 'select from conversion'), [])
  t.match((await send('GET', '/schemas/item/versions')).json(), [{ version: 2 }, { version: 1 }])
})

t.test('who does not wait is told where to ask', async (t) => {
  const { app, send } = await startSlots(t)
  await defineItems(send)
  const begun = await send('PUT', '/schemas/item', withSize({ type: 'integer' }), NO_WAIT)
  t.match(
    [begun.statusCode, begun.headers],
    [202, { location: /^\/schemas\/item\/plans\//, 'retry-after': '5' }],
  )
  const again = await send('PUT', '/schemas/item', withSize({ type: 'float' }))
  t.match([again.statusCode, again.json().code], [409, 'change_in_progress'])
  t.equal((await whenSettled(app, 'item')).version, 2)
})

t.test('a write after the change removes the earlier form of the value', async (t) => {
  const { app, send } = await startSlots(t)
  await defineItems(send)
  await send('PUT', '/schemas/item', withSize({ type: 'integer' }))
  const [one] = (await send('GET', '/item/?size=eq.7')).json()
  await send('PATCH', `/item/${one.id}`, { size: 70 })
  await send('PATCH', '/item/?size=eq.8', { size: 80 })
  const rows = await storedRows(app, await entityNamed(app, 'item'))
  const of = (name: string) => rows.find(({ data }) => data.name === name)
  t.strictSame(of('n7')?.data, { name: 'n7', 'size~2': 70 })
  t.notOk('size' in (of('n7')?.keys ?? {}))
  t.strictSame(of('n8')?.data, { name: 'n8', 'size~2': 80 })
  t.strictSame(of('n9')?.data, { name: 'n9', size: '9', 'size~2': 9 })
})

t.test('records that do not fit when it is asked for are refused, and nothing has begun', async (t) => {
  const { app, send } = await startSlots(t)
  await defineItems(send, { size: (n) => (n === 5000 ? 'n/a' : String(n)) })
  const refused = await send('PUT', '/schemas/item', withSize({ type: 'integer' }))
  t.match([refused.statusCode, refused.json().code], [409, 'records_violate_schema'])
  t.equal((await entityNamed(app, 'item')).pending, undefined)
})

t.test('values that are the same once they are converted are refused when it is asked for', async (t) => {
  const { send } = await startSlots(t)
  await defineItems(send, {
    field: { unique: true },
    size: (n) => (n === 1 ? '01' : n === 2 ? '1' : String(n)),
  })
  const refused = await send('PUT', '/schemas/item', withSize({ type: 'integer', unique: true }), NO_WAIT)
  t.match([refused.statusCode, refused.json().code], [409, 'records_violate_schema'])
})
