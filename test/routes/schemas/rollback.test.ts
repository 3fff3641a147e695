// The way back to an earlier version: names, types, rules and dropped values, exact for every record not written since.
import t from 'tap'
import { asAdmin, bodyOf, startWithAdmin } from '../../support/app.ts'

type Json = Record<string, unknown>

t.test('rollback', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const ok = bodyOf(t)
  const text = (name: string, more: Json = {}) => ({ name, type: 'string', ...more })
  const back = (entity: string, version: number) => send('POST', `/schemas/${entity}/rollback`, { version })
  const list = async (path: string): Promise<Json[]> => (await send('GET', path)).json()

  await t.test('of a rename, a drop and a tightening', async (t) => {
    await ok(
      send('POST', '/schemas/', {
        entity_name: 'thing',
        fields: [text('a', { indexed: true }), text('b', { unique: true })],
      }),
      201,
    )
    for (const [a, b] of [
      ['1', 'x'],
      ['2', 'y'],
      ['3', null],
    ])
      await ok(send('POST', '/thing/', { a, b }), 201)
    const rows = await list('/thing/?select=a,b')
    await ok(send('POST', '/schemas/thing/rename', { fields: { a: 'c' }, grace: '0' }))
    await ok(send('PUT', '/schemas/thing', { fields: [text('c', { max_length: 5 })] }))
    const dropped = await ok(send('GET', '/schemas/thing/dropped'))
    t.match(dropped, [{ key: 'b', name: 'b', type: 'string', version: 2 }])
    await ok(send('POST', '/thing/', { c: '4' }), 201)
    const preview = await ok(send('POST', '/schemas/thing/rollback?preview=true', { version: 1 }))
    t.match(preview, {
      base_version: 3,
      version: 1,
      changes: [{ field: 'a', change: 'renamed', from: 'c' }, {}, { field: 'b', change: 'added' }],
    })
    t.equal((await ok(send('GET', '/schemas/thing'))).version, 3, 'a preview changes nothing')
    t.match(await ok(back('thing', 1)), { version: 4, fields: [{ name: 'a' }, { name: 'b', unique: true }] })
    t.same(await list('/thing/?select=a,b'), [...rows, { a: '4', b: null }])
    t.match(await list('/thing/?select=a&b=eq.y'), [{ a: '2' }])
    t.equal((await send('POST', '/thing/', { b: 'x' })).statusCode, 409, 'unique again')
    t.match((await ok(send('GET', '/schemas/thing/versions')))[0], { version: 4, by: { username: 'admin' } })
    t.same(await ok(send('GET', '/schemas/thing/dropped')), [])
    t.equal((await list('/thing/?c=eq.4')).length, 1, 'the name it had meanwhile goes on working')
  })

  await t.test('of a type, as far as values fit', async (t) => {
    await ok(send('POST', '/schemas/', { entity_name: 'contact', fields: [text('mail')] }), 201)
    await ok(send('POST', '/contact/', { mail: 'a@b.de' }), 201)
    await ok(send('PUT', '/schemas/contact', { fields: [{ name: 'mail', type: 'email' }] }))
    await ok(back('contact', 1))
    await ok(send('POST', '/contact/', { mail: 'none' }), 201)
    const refused = await back('contact', 2)
    t.match(refused.json(), { status: 409, code: 'records_violate_schema', errors: [{ pointer: '/mail' }] })
  })

  await t.test('of a dropped relation whose target has gone', async (t) => {
    const to = (name: string, many: boolean) => ({
      name,
      type: 'relation',
      entity: 'place',
      many,
      on_delete: 'restrict',
    })
    await ok(send('POST', '/schemas/', { entity_name: 'place', fields: [text('name')] }), 201)
    await ok(
      send('POST', '/schemas/', {
        entity_name: 'visit',
        fields: [text('x'), to('one', false), to('all', true)],
      }),
      201,
    )
    const ids: string[] = []
    for (const name of ['p', 'q']) ids.push((await ok(send('POST', '/place/', { name }), 201)).id)
    await ok(send('POST', '/visit/', { x: '1', one: ids[0], all: ids }), 201)
    await ok(send('POST', '/visit/', { x: '2', one: ids[1], all: [ids[1]] }), 201)
    await ok(send('PUT', '/schemas/visit', { fields: [text('x')] }))
    await ok(send('DELETE', `/place/${ids[0]}`), 204)
    await ok(back('visit', 1))
    t.same(await list('/visit/?select=x,one,all&order=x'), [
      { x: '1', one: null, all: [ids[1]] },
      { x: '2', one: ids[1], all: [ids[1]] },
    ])
    t.match(await list('/visit/?select=one(name)&x=eq.2'), [{ one: { name: 'q' } }])
    t.equal((await send('DELETE', `/place/${ids[1]}`)).statusCode, 409)
  })

  await t.test('of an entity’s name; what cannot be is refused', async (t) => {
    await ok(send('POST', '/schemas/', { entity_name: 'first', fields: [text('a')] }), 201)
    await ok(send('POST', '/schemas/first/rename', { entity: 'second' }))
    t.equal((await ok(back('second', 1))).entity_name, 'first')
    t.equal((await back('first', 9)).json().code, 'version_not_found')
    await ok(send('POST', '/schemas/first/rename', { entity: 'third', grace: '0' }))
    await ok(send('POST', '/schemas/', { entity_name: 'first', fields: [text('a')] }), 201)
    for (const query of ['', '?preview=true'])
      t.equal((await send('POST', `/schemas/third/rollback${query}`, { version: 1 })).statusCode, 409, query)
    await ok(send('DELETE', '/schemas/first'), 204)
    await ok(back('third', 1))
    for (const body of [{}, { version: 0 }, { version: 'x' }, { version: 1, more: 1 }])
      t.equal((await send('POST', '/schemas/first/rollback', body)).statusCode, 400)
    const stale = await send('POST', '/schemas/first/rollback', { version: 1 }, { 'if-match': '"1-x"' })
    t.equal(stale.statusCode, 412)
  })
})
