// Values that do not fit a change in preparation: noted by whoever writes them, mended, given up as the change says, or the end
// of the change. The change is held back by a lock that another session has, so that it is in preparation for as long as needed.
import pg from 'pg'
import t, { type Test } from 'tap'
import { look, startSlots } from '../../support/indexing/entity.ts'
import {
  defineItems,
  entityNamed,
  storedRows,
  whenSettled,
  whenState,
  withSize,
  wronglyDerived,
} from '../../support/schema/conversion.ts'

const NO_WAIT = { prefer: 'wait=0' }

/** A server with a change of `size` that cannot come into force until it is let go. */
async function startHeld(t: Test, change: object, convert: object = {}) {
  const { app, database, send } = await startSlots(t)
  await defineItems(send)
  const holder = new pg.Client({ connectionString: database.url })
  await holder.connect()
  t.teardown(() => holder.end())
  const put = { ...withSize(change), ...convert }
  const begun = await send('PUT', '/schemas/item', put, NO_WAIT)
  if (begun.statusCode !== 202) throw new Error(begun.body)
  const entity = await entityNamed(app, 'item')
  // As an import does.
  await holder.query('begin')
  await holder.query('select pg_advisory_xact_lock_shared($1)', [entity.id])
  return { app, send, entity, release: () => holder.query('commit') }
}

t.test('a value that does not convert is stored, noted, and blocks until it is mended', async (t) => {
  const { app, send, release } = await startHeld(t, { type: 'integer' })
  const made = await send('POST', '/item/', { name: 'bad', size: 'n/a' }, { prefer: 'return=representation' })
  const [bad] = made.json()
  t.match([made.statusCode, bad], [201, { name: 'bad', size: 'n/a' }])
  t.equal((await send('PATCH', '/item/?name=eq.n5', { size: 'worse' })).statusCode, 204)
  t.match(await look(app, 'select key, reason from misfit'), [{ key: 'size~2' }, { key: 'size~2' }])
  t.match((await send('GET', '/schemas/item/misfits?field=size')).json(), [
    { field: 'size', reason: /integer/ },
    { field: 'size', reason: /integer/ },
  ])
  await release()
  await whenState(app, 'blocked')
  t.equal((await send('PATCH', `/item/${bad.id}`, { size: '77' })).statusCode, 200)
  t.equal((await look(app, 'select from misfit')).length, 1, 'the write takes it off the list')
  t.equal((await send('DELETE', '/item/?name=eq.n5')).statusCode, 204)
  const entity = await whenSettled(app, 'item')
  t.equal(entity.version, 2)
  t.match((await send('GET', '/item/?name=eq.bad')).json(), [{ size: 77 }])
  t.same(await look(app, 'select from misfit'), [])
})

t.test(
  'a value that another record has only once both are converted blocks until one gives it up',
  async (t) => {
    const { app, send, release } = await startHeld(t, { type: 'integer', unique: true })
    t.equal((await send('POST', '/item/', { name: 'twin', size: '01' })).statusCode, 201)
    t.equal((await send('PATCH', '/item/?name=in.(n8,n9)', { size: '007' })).statusCode, 204)
    t.equal((await send('PATCH', '/item/?name=eq.n9', { size: '9' })).statusCode, 204)
    await release()
    await whenState(app, 'blocked')
    t.match(await look(app, 'select key, reason from misfit order by id'), [
      { reason: /is taken/ },
      { reason: /is taken/ },
    ])
    t.equal((await send('GET', '/item/?size=in.(1,01)')).json().length, 2, 'the old definition is in force')
    t.equal((await send('PATCH', '/item/?name=in.(n1,n7)', { size: null })).statusCode, 204)
    const entity = await whenSettled(app, 'item')
    t.equal(entity.version, 2)
    t.same(wronglyDerived(entity, await storedRows(app, entity)), [])
    t.match((await send('GET', '/item/?size=in.(1,7)&select=name&order=name')).json(), [
      { name: 'n8' },
      { name: 'twin' },
    ])
    const twice = await send('POST', '/item/', { name: 'twice', size: 1 })
    t.match([twice.statusCode, twice.json().code], [409, 'unique_conflict'])
  },
)

t.test('what a quarantine keeps is listed until its field is written', async (t) => {
  const { app, send } = await startSlots(t)
  await defineItems(send, { size: (n) => (n % 1000 === 0 ? `no ${n}` : String(n)) })
  const body = { ...withSize({ type: 'integer' }), convert: { size: { otherwise: 'quarantine' } } }
  const { plan } = (await send('POST', '/schemas/item/preview', body)).json()
  const changed = await send('PUT', `/schemas/item?plan=${plan}`, body)
  t.match([changed.statusCode, changed.json().version], [200, 2], changed.body)
  const listed = (await send('GET', '/schemas/item/misfits')).json()
  t.equal(listed.length, 6)
  t.match(listed[0], { field: 'size', value: 'no 0', reason: /integer/ })
  t.equal((await send('PATCH', `/item/${listed[0].id}`, { size: 5 })).statusCode, 200)
  t.equal((await send('DELETE', `/item/${listed[1].id}`)).statusCode, 204)
  t.equal((await send('GET', '/schemas/item/misfits?field=size')).json().length, 4)
  const back = await send('POST', '/schemas/item/rollback', { version: 1 })
  t.match([back.statusCode, back.json().version], [200, 3], back.body)
  t.equal((await send('GET', '/item/?size=like.no*')).json().length, 4, 'they come back as they were')
  t.match(await look(app, 'select from misfit'), [])
})

t.test('a change that is cancelled leaves nothing behind', async (t) => {
  const { app, send, entity, release } = await startHeld(t, { type: 'integer', unique: true, indexed: true })
  const plan = `/schemas/item/plans/${entity.pending?.id}`
  t.match((await send('GET', plan)).json(), { state: 'filling' })
  const cancelling = send('DELETE', plan)
  await release()
  t.equal((await cancelling).statusCode, 204)
  t.match((await send('GET', plan)).json(), { state: 'cancelled' })
  t.equal((await entityNamed(app, 'item')).pending, undefined)
  t.equal((await send('DELETE', plan)).statusCode, 404)
  await app.purges.run()
  const after = await entityNamed(app, 'item')
  t.equal(after.version, 1)
  const rows = await storedRows(app, after)
  t.same(
    rows.filter(({ data, keys }) => 'size~2' in data || 'size~2' in keys),
    [],
  )
  const used = await look(app, 'select from record where entity_id = $1 and num_nonnulls(k1, u1) > 0', [
    after.id,
  ])
  t.equal(used.length, 0, 'the slots are empty')
  const again = await send('PUT', '/schemas/item', withSize({ type: 'integer', unique: true }))
  t.match([again.statusCode, (await entityNamed(app, 'item')).fields[1]?.key], [200, 'size~3'])
})

t.test('an entity that is deleted ends its change, and comes back without it', async (t) => {
  const { app, send, release } = await startHeld(t, { type: 'integer' })
  await release()
  const put = await send('PUT', '/schemas/item', withSize({ type: 'integer' }), NO_WAIT)
  t.ok([200, 202, 409].includes(put.statusCode))
  t.equal((await send('DELETE', '/schemas/item')).statusCode, 204)
  t.equal((await send('POST', '/schemas/item/undelete', {})).statusCode, 200)
  await app.conversions.run()
  const entity = await whenSettled(app, 'item')
  t.same(wronglyDerived(entity, await storedRows(app, entity)), [])
})
