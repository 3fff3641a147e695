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
