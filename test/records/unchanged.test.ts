// Records that were never changed have the time and author of their creation as those of a change, stored or not.

import t from 'tap'
import { define, look, startSlots } from '../support/indexing/entity.ts'
import { until } from '../support/until.ts'

const name = { name: 'name', type: 'string' }

const stored = `select updated_at is null and updated_by is null as once from record where data ? 'name' order by id`

const questions = [
  '',
  '?order=updated_at.desc',
  '?order=updated_by',
  '?order=updated_by.desc.nullslast,name&limit=3',
  '?updated_at=gt.2000-01-01&order=id',
  '?updated_by=is.null&order=id',
  '?updated_by=not.is.null&order=id',
  '?select=name,updated_at,updated_by&order=name',
  '?select=updated_by,count(),updated_at.max()&order=updated_by',
]

t.test('a record says once that it was not changed', async (t) => {
  const { app, send } = await startSlots(t)
  await define(send, 'thing', [name], [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }])
  const ids = (await send('GET', '/thing/?order=id&select=id')).json().map(({ id }: { id: string }) => id)
  const first = (await send('GET', `/thing/${ids[0]}`)).json()
  t.equal(first.updated_at, first.created_at)
  t.equal(first.updated_by, first.created_by)
  t.ok(first.created_by)
  await send('PATCH', `/thing/${ids[1]}`, { name: 'B' })
  await look(app, 'update record set updated_at = now(), updated_by = null where id = $1', [ids[2]])
  t.same(
    (await look<{ once: boolean }>(app, stored)).map(({ once }) => once),
    [true, false, false, true],
  )
  const changed = (await send('GET', `/thing/${ids[1]}`)).json()
  t.not(changed.updated_at, changed.created_at)
  t.equal(changed.updated_by, changed.created_by)

  const answers = async () => {
    const bodies: string[] = []
    for (const question of questions) bodies.push((await send('GET', `/thing/${question}`)).body)
    return bodies
  }
  const before = await answers()
  await look(
    app,
    `update record set updated_at = created_at, updated_by = created_by, keys = keys || '{"gone": "x"}'
     where updated_at is null and data ? 'name'`,
  )
  t.same(await answers(), before, 'as records were stored before')
  await look(
    app,
    "insert into key_fill (tenant_id, entity_id) select tenant_id, id from entity where name = 'thing'",
  )
  app.indexer.wake()
  await until(
    async () => (await look<{ again: boolean }>(app, 'select again from key_fill'))[0]?.again === true,
    'the pass is done',
  )
  t.same(
    (await look<{ once: boolean }>(app, stored)).map(({ once }) => once),
    [true, false, false, true],
  )
  t.same(await look(app, `select 1 from record where keys ? 'gone'`), [])
  t.same(await answers(), before)
})

t.test('a change of the definition that changes a record keeps its author', async (t) => {
  const { send } = await startSlots(t)
  await define(send, 'thing', [name], [{ name: 'a' }])
  const [before] = (await send('GET', '/thing/')).json()
  const size = { name: 'size', type: 'integer', required: true, default: 1 }
  await send('PUT', '/schemas/thing', { fields: [name, size] })
  const [after] = (await send('GET', '/thing/')).json()
  t.equal(after.size, 1)
  t.equal(after.updated_by, before.created_by)
  t.not(after.updated_at, before.updated_at)
})
