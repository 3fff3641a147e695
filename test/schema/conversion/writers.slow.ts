// Writers of every route on two instances while a field becomes a number and a text again: no record is lost or in two forms, and
// nobody is refused for a definition that is not in force.
import t from 'tap'
import { asAdmin, startApp } from '../../support/app.ts'
import { startSlots } from '../../support/indexing/entity.ts'
import { defineItems, entityNamed, storedRows, wronglyDerived } from '../../support/schema/conversion.ts'
import { RouteWriter } from '../../support/schema/every-route.ts'

const WRITERS = 10

const LONG = { prefer: 'wait=300' }

t.test('writers of every route during a change and the way back', async (t) => {
  const { app, database, send } = await startSlots(t)
  const there = await asAdmin(await startApp(t, database))
  const name = { name: 'name', type: 'string', unique: true }
  await defineItems(send, { count: 12_000, field: { indexed: true } })
  const texts = { fields: [name, { name: 'size', type: 'string', indexed: true }] }
  t.equal((await send('PUT', '/schemas/item', texts, LONG)).statusCode, 200)
  let ended = false
  const writers = Array.from({ length: WRITERS }, (_, n) => new RouteWriter(n % 2 ? send : there, `w${n}`))
  const running = writers.map((writer) => writer.run(() => ended))

  const numbers = { fields: [name, { name: 'size', type: 'integer', indexed: true }] }
  const changed = await there('PUT', '/schemas/item', numbers, LONG)
  t.match([changed.statusCode, changed.json().version], [200, 3], changed.body)
  await check('number')
  const back = await send('POST', '/schemas/item/rollback', { version: 2 }, LONG)
  t.match([back.statusCode, back.json().version], [200, 4], back.body)
  await check('text')
  const again = await send('PUT', '/schemas/item', numbers, LONG)
  t.match([again.statusCode, again.json().version], [200, 5], again.body)

  ended = true
  await Promise.all(running)
  t.same(writers.flatMap(({ complaints }) => complaints).slice(0, 5), [])
  const expected = new Map(writers.flatMap(({ sizes }) => [...sizes]))
  const entity = await entityNamed(app, 'item')
  const rows = await storedRows(app, entity)
  const [nameKey = '', sizeKey = ''] = entity.fields.map(({ key }) => key)
  const found = new Map(rows.map(({ data }) => [String(data[nameKey]), data[sizeKey] ?? null]))
  t.same(
    [...expected].filter(([one, size]) => found.get(one) !== size).slice(0, 5),
    [],
    'every record has what was written last',
  )
  t.equal(
    [...found.keys()].filter((one) => one.startsWith('w')).length,
    expected.size,
    'and there are no others',
  )
  t.ok(expected.size > 100, `${expected.size} records were written`)

  /** A look at all records beside the writers: one snapshot, so definition and records agree only if the flip was whole. */
  async function check(form: 'number' | 'text') {
    const entity = await entityNamed(app, 'item')
    const rows = await storedRows(app, entity)
    t.same(wronglyDerived(entity, rows).slice(0, 3), [], `${form}: columns agree with data`)
    const { key, from = [] } = entity.fields.find((field) => field.name === 'size') ?? { key: '' }
    const type = form === 'number' ? 'number' : 'string'
    t.same(rows.filter(({ data }) => data[key] !== undefined && typeof data[key] !== type).slice(0, 3), [])
    const former = rows.flatMap(({ data }) => from.map((one) => [data[one.key], data[key]]))
    t.same(former.filter(([old, now]) => old !== undefined && Number(old) !== Number(now)).slice(0, 3), [])
    t.same(
      rows.filter(({ data }) => data[key] === undefined && from.some((one) => data[one.key] !== undefined)),
      [],
    )
  }
})
