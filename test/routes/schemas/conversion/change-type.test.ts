// A field's type changes with the values that there are, and comes back: exactly for what was not written since.
import t from 'tap'
import { asAdmin, bodyOf, startWithAdmin } from '../../../support/app.ts'

type Json = Record<string, unknown>

t.test('a type change through PUT', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const ok = bodyOf(t)
  const define = (entity_name: string, ...fields: Json[]) =>
    ok(send('POST', '/schemas/', { entity_name, fields }), 201)
  const add = async (entity: string, ...rows: Json[]): Promise<string[]> =>
    (await ok(send('POST', `/${entity}/`, rows), 201)).map(({ id }: { id: string }) => id)
  const put = (entity: string, fields: Json[], more: Json = {}) =>
    send('PUT', `/schemas/${entity}`, { fields, ...more })
  const back = (entity: string, version: number) => send('POST', `/schemas/${entity}/rollback`, { version })
  const list = async (path: string): Promise<Json[]> => (await send('GET', path)).json()
  const string = (name: string, more: Json = {}) => ({ name, type: 'string', ...more })
  const integer = (name: string, more: Json = {}) => ({ name, type: 'integer', ...more })

  await t.test('text to integer, and back', async (t) => {
    await define('box', string('size', { unique: true, indexed: true }), string('name'))
    const ids = await add('box', { size: ' 01', name: 'a' }, { size: '2' }, { size: '' }, {}, { size: '3' })
    const before = (await send('GET', `/box/${ids[0]}`)).json()
    const fields = [integer('size', { unique: true, indexed: true }), string('name')]
    t.match(await ok(put('box', fields)), { version: 2, fields: [{ name: 'size', type: 'integer' }] })
    t.same(
      await list('/box/?select=size'),
      [1, 2, null, null, 3].map((size) => ({ size })),
    )
    t.match(await list('/box/?size=lt.3&order=size.desc&select=size'), [{ size: 2 }, { size: 1 }])
    t.equal((await send('POST', '/box/', { size: 1 })).statusCode, 409, 'unique in its new form')
    t.equal(
      (await send('GET', `/box/${ids[0]}`)).json().updated_at,
      before.updated_at,
      'no record is written',
    )
    await ok(send('PATCH', `/box/${ids[1]}`, { size: 22 }))
    await ok(send('PATCH', `/box/?id=eq.${ids[4]}`, { size: null }), 204)
    await add('box', { size: 9 })
    t.match(await ok(back('box', 1)), { version: 3, fields: [{ type: 'string' }] })
    t.same(
      (await list('/box/?select=size')).map(({ size }) => size),
      [' 01', '22', '', null, null, '9'],
    )
    await ok(send('PATCH', `/box/${ids[0]}`, { size: '7' }))
    await ok(back('box', 2))
    t.same(
      (await list('/box/?select=size')).map(({ size }) => size),
      [7, 22, null, null, null, 9],
    )
    const versions = await ok(send('GET', '/schemas/box/versions'))
    t.match(versions[2].summary, ['size becomes integer'])
    t.match(await ok(send('GET', '/schemas/box/versions/1/diff?to=2')), {
      changes: [{ field: 'size', change: 'type' }],
    })
  })

  await t.test('two steps, and all the way back', async (t) => {
    await define('chain', string('v'))
    const [first = ''] = await add('chain', { v: '1.0' }, { v: '2' })
    await ok(put('chain', [{ name: 'v', type: 'decimal' }]))
    await ok(put('chain', [integer('v')]))
    t.same(await list('/chain/?select=v'), [{ v: 1 }, { v: 2 }])
    await ok(send('PUT', `/chain/${first}`, { v: 5 }))
    await ok(back('chain', 1))
    t.same(await list('/chain/?select=v'), [{ v: '5' }, { v: '2' }])
  })

  await t.test('is refused by what does not convert, by row', async (t) => {
    await define('bad', string('n'))
    const ids = await add('bad', { n: '1' }, { n: 'x' }, { n: 'y' })
    const refused = await ok(put('bad', [integer('n')]), 409)
    t.match(refused, { code: 'records_violate_schema', errors: [{ pointer: '/n', keyword: 'type' }] })
    t.match(refused.errors[0].message, new RegExp(`2 records.*${ids[1]}, ${ids[2]}`))
    t.match(await ok(put('bad', [{ ...string('n'), type: 'file' }]), 400), { code: 'cannot_convert' })
    t.match(await list('/bad/?select=n'), [{ n: '1' }, { n: 'x' }, { n: 'y' }])
  })

  await t.test('equal values that come up by it are refused', async (t) => {
    await define('twice', string('n', { unique: true }))
    await add('twice', { n: '1' }, { n: '01' })
    const refused = await ok(put('twice', [integer('n', { unique: true })]), 409)
    t.match(refused, { code: 'records_violate_schema', errors: [{ pointer: '/n', keyword: 'unique' }] })
  })

  await t.test('permissions and former names follow', async (t) => {
    await define('staff', string('name'), string('pay'))
    await add('staff', { name: 'a', pay: '5' })
    await ok(send('PUT', '/auth/roles/clerk', {}), 201)
    const permission = {
      read: 'pay=eq.5',
      create: false,
      update: false,
      delete: false,
      fields: { read: ['pay'] },
    }
    await ok(send('PUT', '/schemas/staff/permissions/clerk', permission))
    await ok(send('POST', '/schemas/staff/rename', { fields: { pay: 'wage' } }))
    await ok(put('staff', [string('name'), integer('wage')]))
    const permissions = await list('/schemas/staff/permissions')
    t.match(
      permissions.find(({ role }) => role === 'clerk'),
      { read: 'wage=eq.5', fields: { read: ['wage'] } },
    )
    t.match(await list('/staff/?pay=eq.5'), [{ wage: 5, pay: 5 }], 'the former name goes on working')
  })

  await t.test('records are made for texts that lead to none', async (t) => {
    await define('city', string('name', { unique: true }), integer('rank', { default: 5 }))
    await define('land', string('name', { unique: true }), string('code', { required: true }))
    await add('city', { name: 'Oslo', rank: 1 })
    await define('visit', string('place'))
    await add('visit', { place: 'Oslo' }, { place: 'Rome' }, { place: ' Rome' }, {})
    const to = (entity: string, convert: Json): [Json[], Json] => [
      [{ name: 'place', type: 'relation', entity }],
      { convert: { place: { lookup: 'name', ...convert } } },
    ]
    const [fields, create] = to('city', { missing: 'create' })
    t.match(await ok(put('visit', fields, to('city', {})[1]), 409), {
      errors: [{ keyword: 'lookup' }],
    })
    t.match(await ok(put('visit', ...to('land', { missing: 'create' })), 400), {
      errors: [{ pointer: '/convert/place/missing', message: /requires code/ }],
    })
    t.match(await ok(send('POST', '/schemas/visit/preview', { fields, ...create })), { violations: [] })
    t.equal((await list('/city/')).length, 1, 'a preview makes none')
    await ok(put('visit', fields, create))
    t.same(await list('/visit/?select=place(name,rank)'), [
      { place: { name: 'Oslo', rank: 1 } },
      { place: { name: 'Rome', rank: 5 } },
      { place: { name: 'Rome', rank: 5 } },
      { place: null },
    ])
    t.equal((await list('/city/?name=eq.Rome')).length, 1)
  })

  await t.test('what is purged of an earlier form is converted back', async (t) => {
    await define('form', string('v'))
    await add('form', { v: '01' }, { v: '2' })
    await ok(put('form', [integer('v')]))
    t.match(await list('/schemas/form/dropped'), [{ key: 'v', name: 'v', type: 'string', data: 'kept' }])
    const { plan } = await ok(send('POST', '/schemas/form/purge?preview=true', { keys: ['v'] }))
    await ok(send('POST', `/schemas/form/purge?plan=${plan}`, { keys: ['v'] }))
    t.same(await list('/form/?select=v'), [{ v: 1 }, { v: 2 }])
    await ok(back('form', 1))
    t.same(await list('/form/?select=v'), [{ v: '1' }, { v: '2' }])
  })

  await t.test('texts become relations, and relations texts', async (t) => {
    await define('person', { name: 'mail', type: 'email', unique: true })
    const [ada, bob] = await add('person', { mail: 'ada@a.example' }, { mail: 'bob@a.example' })
    await define('task', string('owner'), string('who'))
    const [first = '', second = ''] = await add(
      'task',
      { owner: 'ADA@a.example ', who: ada },
      { owner: 'bob@a.example' },
    )
    const relation = (name: string, more: Json = {}) => ({
      name,
      type: 'relation',
      entity: 'person',
      ...more,
    })
    const lookup = (lookup: string) => ({ convert: { owner: { lookup } } })
    t.match(await ok(put('task', [relation('owner'), string('who')], lookup('name')), 400), {
      code: 'invalid_definition',
      errors: [{ pointer: '/convert/owner/lookup' }],
    })
    await ok(put('task', [relation('owner'), relation('who', { many: true })], lookup('mail')))
    t.match(await list('/task/?select=owner(mail),who'), [
      { owner: { mail: 'ada@a.example' }, who: [ada] },
      { owner: { mail: 'bob@a.example' }, who: null },
    ])
    t.equal((await send('DELETE', `/person/${ada}`)).statusCode, 409, 'it is referred to')
    await ok(send('PATCH', `/task/${second}`, { owner: ada }))
    await ok(send('DELETE', `/person/${bob}`), 204)
    await ok(put('task', [string('owner'), string('who')], lookup('mail')))
    t.match(await list('/task/?select=owner'), [{ owner: 'ada@a.example' }, { owner: 'ada@a.example' }])
    await ok(send('PATCH', `/task/${first}`, { owner: 'x', who: null }))
    await ok(send('PATCH', `/task/${second}`, { owner: 'y' }))
    t.equal((await send('DELETE', `/person/${ada}`)).statusCode, 204, 'nothing is left of the references')
  })

  await t.test('a quarantine of few records is listed like one of many', async (t) => {
    await define('crate', string('size'))
    const [, id] = await add('crate', { size: '5' }, { size: 'large' })
    const change = { fields: [integer('size')], convert: { size: { otherwise: 'quarantine' } } }
    const plan = await ok(send('POST', '/schemas/crate/preview', change))
    t.equal(plan.mode, 'background')
    await ok(send('PUT', `/schemas/crate?plan=${plan.plan}`, change))
    t.same(await list('/crate/?select=size'), [{ size: 5 }, { size: null }])
    t.match(await list('/schemas/crate/misfits'), [{ id, field: 'size', value: 'large' }])
  })

  await t.test('as many fields as a definition may have change at once', async (t) => {
    const names = Array.from({ length: 500 }, (_, at) => `f${at}`)
    await define('wide', ...names.map((name) => string(name)))
    await add('wide', { f0: '5', f499: '7' })
    await ok(
      put(
        'wide',
        names.map((name) => integer(name)),
      ),
    )
    t.same(await list('/wide/?select=f0,f1,f499'), [{ f0: 5, f1: null, f499: 7 }])
  })
})
