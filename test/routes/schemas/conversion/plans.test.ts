// Plans: what a preview says of the records, what it takes to carry it out, and every way in which that is refused.
import pg from 'pg'
import t, { type Test } from 'tap'
import { asAdmin, bodyOf, startWithAdmin } from '../../../support/app.ts'

type Json = Record<string, unknown>

const string = (name: string, more: Json = {}) => ({ name, type: 'string', ...more })

const integer = (name: string, more: Json = {}) => ({ name, type: 'integer', ...more })

async function start(t: Test) {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const owner = new pg.Client({ connectionString: database.url })
  await owner.connect()
  t.teardown(() => owner.end())
  const ok = bodyOf(t)
  const define = (entity_name: string, ...fields: Json[]) =>
    ok(send('POST', '/schemas/', { entity_name, fields }), 201)
  const add = async (entity: string, ...rows: Json[]): Promise<string[]> =>
    (await ok(send('POST', `/${entity}/`, rows), 201)).map(({ id }: { id: string }) => id)
  const preview = (entity: string, body: Json, status = 200) =>
    ok(send('POST', `/schemas/${entity}/preview`, body), status)
  const put = (entity: string, body: Json, plan?: string) =>
    send('PUT', `/schemas/${entity}${plan === undefined ? '' : `?plan=${plan}`}`, body)
  const list = async (path: string): Promise<Json[]> => (await send('GET', path)).json()
  return { app, send, owner, ok, define, add, preview, put, list }
}

t.test('a preview says what the change does to the records, and writes nothing but the plan', async (t) => {
  const { define, add, preview, owner, ok, send } = await start(t)
  await define('box', string('size'), string('cost', { indexed: true }), string('old'))
  const [, second = '', third = ''] = await add(
    'box',
    { size: '42', cost: '1' },
    { size: 'n/a' },
    { size: 'x' },
    { size: '7', cost: '2' },
    {},
  )
  await ok(send('POST', '/schemas/box/rename', { fields: { cost: 'price' } }))
  await ok(send('PUT', '/auth/roles/clerk', {}), 201)
  const rule = { read: true, create: true, update: 'old=eq.1', delete: false, fields: { write: ['size'] } }
  await ok(send('PUT', '/schemas/box/permissions/clerk', rule))
  const rows = 'select xmin::text, id, version, data, keys from record order by id'
  const before = (await owner.query(rows)).rows
  const fields = [
    integer('size', { min: 10 }),
    string('price', { required: true, default: '0' }),
    string('new', { required: true, default: 'd' }),
  ]
  const found = await preview('box', {
    fields,
    convert: { size: { map: { 'n/a': null }, otherwise: 'quarantine' } },
  })
  t.match(found, {
    plan: /^p_[0-9a-f]{32}$/,
    state: 'planned',
    base_version: 2,
    breaking: true,
    lossy: true,
    mode: 'background',
    changes: [
      {
        field: 'size',
        change: 'type',
        otherwise: 'quarantine',
        records: { checked: 5, ok: 3, failing: 2 },
        lossy: 3,
        samples: [{ old: '42', new: 42 }],
      },
      { field: 'price', change: 'tightened', records: { checked: 5, ok: 5, failing: 0 } },
      { field: 'new', change: 'added', records: { checked: 5, ok: 5, failing: 0 } },
      { field: 'old', change: 'dropped' },
    ],
    access: [{ role: 'clerk', verb: 'update', effect: 'nobody: its rule names old, which is dropped' }],
    uses: { cost: { last_used_at: null } },
    records: { total: 5, ok: 3, failing: 2 },
    violations: [],
    cost: { records_to_write: 5 },
  })
  t.same(
    found.changes[0].failures.map(({ count, sample }: Json) => [count, sample]),
    [
      [1, [{ id: third, value: 'x' }]],
      [1, [{ id: await list0(send), value: '7' }]],
    ],
  )
  t.ok(new Date(found.expires_at).getTime() - Date.now() > 23 * 3_600_000)
  t.same((await owner.query(rows)).rows, before)
  t.equal((await ok(send('GET', '/schemas/box'))).version, 2)
  t.match(await ok(send('GET', '/schemas/box/plans')), [
    { plan: found.plan, state: 'planned', by: { username: 'admin' } },
  ])
  t.same(await ok(send('GET', `/schemas/box/plans/${found.plan}`)), found)
  t.notOk(
    found.changes[0].failures.some(({ sample }: { sample: Json[] }) =>
      sample.some(({ id }) => id === second),
    ),
  )

  async function list0(from: typeof send): Promise<unknown> {
    return (await from('GET', '/box/?size=eq.7&select=id')).json()[0].id
  }
})

t.test('by lines, by a sample, and by a plan that is fetched later', async (t) => {
  const { define, add, send, ok } = await start(t)
  await define('box', string('size'))
  await add('box', ...Array.from({ length: 50 }, (_, at) => ({ size: String(at) })))
  const fields = [integer('size')]
  const lines = await send('POST', '/schemas/box/preview', { fields }, { accept: 'application/x-ndjson' })
  t.match(lines.headers['content-type'], /^application\/x-ndjson/)
  const parsed = lines.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  t.same(parsed[0], { progress: { checked: 0, total: 50 } })
  t.match(parsed.at(-1), { plan: /^p_/, state: 'planned', records: { total: 50, failing: 0 } })
  const sample = await ok(send('POST', '/schemas/box/preview?sample=10', { fields }))
  t.match(sample, {
    plan: null,
    estimated: true,
    changes: [{ records: { checked: 10 } }],
    records: { total: 50 },
  })
  t.equal((await send('POST', '/schemas/box/preview?sample=0', { fields })).statusCode, 400)
  const later = await send('POST', '/schemas/box/preview', { fields }, { prefer: 'wait=0' })
  t.equal(later.headers['preference-applied'], 'wait=0')
  let found = later.json()
  if (later.statusCode === 202) {
    t.equal(later.headers.location, `/schemas/box/plans/${found.plan}`)
    t.ok(later.headers['retry-after'])
    while (found.state === 'checking') found = (await send('GET', String(later.headers.location))).json()
  }
  t.match(found, { state: 'planned', records: { total: 50, failing: 0 } })
  await ok(send('PUT', `/schemas/box?plan=${found.plan}`, { fields }))
})

t.test('a change that loses something needs its plan', async (t) => {
  const { define, add, preview, put, ok, list, send } = await start(t)
  const lossy: [name: string, from: Json, to: Json, values: unknown[], convert: Json, after: unknown[]][] = [
    ['rounded', { type: 'float' }, { type: 'integer' }, [1.5, 2], { round: 'half_up' }, [2, 2]],
    ['day', { type: 'datetime' }, { type: 'date' }, ['2024-01-02T10:00:00Z'], {}, ['2024-01-02']],
    ['mapped', { type: 'string' }, { type: 'integer' }, ['-', '1'], { map: { '-': null } }, [null, 1]],
    ['nulled', { type: 'string' }, { type: 'integer' }, ['x', '1'], { otherwise: 'null' }, [null, 1]],
    ['aside', { type: 'string' }, { type: 'integer' }, ['x', '1'], { otherwise: 'quarantine' }, [null, 1]],
    [
      'given',
      { type: 'string' },
      { type: 'integer', default: 9, required: true },
      ['x', '1'],
      { otherwise: 'default' },
      [9, 1],
    ],
    ['cut', { type: 'integer' }, { type: 'integer', max: 5 }, [9, 1], { otherwise: 'null' }, [null, 1]],
  ]
  for (const [name, from, to, values, convert, after] of lossy) {
    await define(name, { name: 'v', ...from })
    await add(name, ...values.map((v) => ({ v })))
    const body = { fields: [{ name: 'v', ...to }], convert: { v: convert } }
    const refused = await put(name, body)
    t.match(refused.json(), { status: 428, code: 'plan_required', detail: /1 record something of v/ }, name)
    const { plan, lossy: isLossy } = await preview(name, body)
    t.equal(isLossy, true)
    await ok(put(name, body, plan))
    t.same(
      (await list(`/${name}/?select=v`)).map(({ v }) => v),
      after,
      name,
    )
    t.match(await ok(send('GET', `/schemas/${name}/plans/${plan}`)), { state: 'applied' })
    t.match((await ok(send('GET', `/schemas/${name}/versions`)))[0], { version: 2, plan })
    await ok(send('POST', `/schemas/${name}/rollback`, { version: 1 }))
    t.same(
      (await list(`/${name}/?select=v`)).map(({ v }) => v),
      values,
      `${name}: nothing is lost for good`,
    )
  }
  await define('none', { name: 'v', type: 'float' })
  await add('none', { v: 1 })
  await ok(put('none', { fields: [integer('v')], convert: { v: { round: 'up', otherwise: 'null' } } }), 200)
  const audit = (await ok(send('GET', '/audit?action=eq.schema.change&limit=1000'))) as Json[]
  t.ok(
    audit.some(({ details }) => /^p_/.test(String((details as Json).plan))),
    'the log names the plan',
  )
})

t.test('what a plan is refused for', async (t) => {
  const { define, add, preview, put, ok, send, owner } = await start(t)
  await define('box', string('size'), string('name'))
  await add('box', { size: '1' }, { size: 'x' })
  const change = (otherwise: string, more: Json = {}) => ({
    fields: [integer('size', more), string('name')],
    convert: { size: { otherwise } },
  })
  const refusal = async (body: Json, plan: string) => (await put('box', body, plan)).json()
  for (const id of ['p_0', '%00', `p_${'0'.repeat(32)}`, 'x'.repeat(90)])
    t.match(await refusal(change('null'), id), { status: 404, code: 'plan_not_found' })
  const { plan } = await preview('box', change('null'))
  for (const other of [change('quarantine'), change('null', { min: 1 }), { fields: [integer('size')] }])
    t.match(await refusal(other, plan), { status: 409, code: 'plan_mismatch' })
  const blocking = await preview('box', { fields: [integer('size'), string('name')] })
  t.match(blocking, { violations: [{ pointer: '/size', keyword: 'type' }], lossy: false })
  t.match(await refusal({ fields: [integer('size'), string('name')] }, blocking.plan), {
    status: 409,
    code: 'records_violate_schema',
  })
  const rollback = await send('POST', `/schemas/box/rollback?plan=${plan}`, { version: 1 })
  t.match(rollback.json(), { status: 409, code: 'plan_mismatch' })

  await add('box', { size: 'y' })
  const more = await refusal(change('null'), plan)
  t.match(more, {
    status: 409,
    code: 'plan_outdated',
    detail: /2 records would lose something of size/,
    plan: { plan: /^p_/ },
  })
  t.match(more.plan.changes[0], { lossy: 2 })
  await ok(send('PUT', '/auth/roles/clerk', {}), 201)
  const permission = { read: true, create: false, update: false, delete: false }
  await ok(send('PUT', '/schemas/box/permissions/clerk', permission))
  const outdated = await refusal(change('null'), more.plan.plan)
  t.match(outdated, { code: 'plan_outdated', detail: /permissions/ })
  await ok(send('DELETE', `/box/?size=eq.y`), 204)
  const [one, two] = await Promise.all([
    put('box', change('null'), outdated.plan.plan),
    put('box', change('null'), outdated.plan.plan),
  ])
  t.same([one.statusCode, two.statusCode].sort(), [200, 412], 'fewer losses pass, and once')
  t.match(await refusal(change('null'), plan), { status: 412, code: 'schema_changed' })

  const again = await preview('box', { fields: [string('size'), string('name')] })
  await owner.query(`update plan set expires_at = now() where id = $1`, [again.plan])
  t.match(await refusal({ fields: [string('size'), string('name')] }, again.plan), { code: 'plan_not_found' })
  await owner.query(`update plan set state = 'filling' where id = $1`, [plan])
  for (const answer of [
    put('box', { fields: [string('size')] }),
    send('POST', '/schemas/box/rename', { fields: { size: 'width' } }),
    send('POST', '/schemas/box/preview', { fields: [string('size')] }),
  ])
    t.match((await answer).json(), { status: 409, code: 'change_in_progress' })
})

t.test('a plan that an entity elsewhere outdates', async (t) => {
  const { define, add, preview, put, ok, send } = await start(t)
  await define('person', string('name', { unique: true }))
  await add('person', { name: 'ada' })
  await define('task', string('owner'))
  await add('task', { owner: 'ada' })
  const body = {
    fields: [{ name: 'owner', type: 'relation', entity: 'person' }],
    convert: { owner: { lookup: 'name' } },
  }
  const { plan, changes } = await preview('task', body)
  t.match(changes, [{ change: 'type', samples: [{ old: 'ada' }] }])
  await ok(send('PUT', '/schemas/person', { fields: [string('name', { unique: true }), string('more')] }))
  const { plan: fresh, code } = (await put('task', body, plan)).json()
  t.equal(code, 'plan_outdated')
  await ok(put('task', body, fresh.plan))
})

t.test('who may see and carry out plans; ten are kept', async (t) => {
  const { app, define, preview, send, ok, put } = await start(t)
  await define('box', string('size'))
  const plans: string[] = []
  for (let round = 0; round < 12; round++)
    plans.push((await preview('box', { fields: [string('size'), string(`f${round}`)] })).plan)
  t.same(
    (await ok(send('GET', '/schemas/box/plans'))).map(({ plan }: Json) => plan),
    plans.slice(2).reverse(),
  )
  t.equal((await send('GET', `/schemas/box/plans/${plans[0]}`)).statusCode, 404)
  await define('other', string('size'))
  t.equal((await send('GET', `/schemas/other/plans/${plans[5]}`)).json().code, 'plan_not_found')
  const sign = async (username: string, password: string) => {
    const answer = await app.inject({ method: 'POST', url: '/auth/token', payload: { username, password } })
    const { access_token } = answer.json()
    return (method: string, url: string, payload?: Json) =>
      app.inject({
        method: method as 'GET',
        url,
        headers: { authorization: `Bearer ${access_token}` },
        ...(payload ? { payload } : {}),
      })
  }
  await ok(send('POST', '/auth/users', { username: 'alice', password: 'correct horse', role: 'user' }), 201)
  const alice = await sign('alice', 'correct horse')
  for (const [method, path] of [
    ['POST', 'preview'],
    ['GET', 'plans'],
    ['GET', `plans/${plans[5]}`],
  ] as const)
    t.equal(
      (await alice(method, `/schemas/box/${path}`, method === 'POST' ? { fields: [] } : undefined))
        .statusCode,
      403,
    )
  await ok(
    send('POST', '/tenants', { name: 'acme', admin: { username: 'bob', password: 'correct horse' } }),
    201,
  )
  const bob = await sign('acme/bob', 'correct horse')
  t.equal((await bob('POST', '/schemas/', { entity_name: 'box', fields: [string('size')] })).statusCode, 201)
  t.equal((await bob('GET', `/schemas/box/plans/${plans[5]}`)).json().code, 'plan_not_found')
  const foreign = await bob('PUT', `/schemas/box?plan=${plans[11]}`, { fields: [string('size')] })
  t.match(foreign.json(), { status: 404, code: 'plan_not_found' })
  t.equal((await put('box', { fields: [string('size'), string('f11')] }, plans[11])).statusCode, 200)
})

t.test('a rollback has a plan, too', async (t) => {
  const { define, add, put, ok, send, list, preview } = await start(t)
  await define('box', integer('size', { max: 10 }))
  await ok(put('box', { fields: [string('size')] }))
  await add('box', { size: '5' }, { size: 'x' })
  const back = (query: string, more: Json = {}) =>
    send('POST', `/schemas/box/rollback${query}`, { version: 1, ...more })
  t.match((await back('')).json(), { status: 409, code: 'records_violate_schema' })
  t.match((await back('', { otherwise: 'null' })).json(), { status: 428, code: 'plan_required' })
  const planned = await ok(back('?preview=true', { otherwise: 'null' }))
  t.match(planned, {
    kind: 'rollback',
    version: 1,
    lossy: true,
    changes: [{ field: 'size', change: 'type', records: { failing: 1 } }],
  })
  t.match((await back(`?plan=${planned.plan}`)).json(), { code: 'plan_mismatch' })
  t.match((await put('box', { fields: [string('size')] }, planned.plan)).json(), { code: 'plan_mismatch' })
  await ok(back(`?plan=${planned.plan}`, { otherwise: 'null' }))
  t.same(await list('/box/?select=size'), [{ size: 5 }, { size: null }])
  t.match(await preview('box', { fields: [string('size')] }), { mode: 'inline', lossy: false })
  t.match(await preview('box', { fields: [integer('size')] }), {
    mode: 'instant',
    changes: [{ change: 'loosened' }],
  })
})

t.test('unique values that come up twice only in their new form', async (t) => {
  const { define, add, preview } = await start(t)
  await define('box', string('size', { unique: true }), string('shop'))
  await add('box', { size: '1' }, { size: '01' }, { size: '2' })
  t.match(await preview('box', { fields: [integer('size', { unique: true }), string('shop')] }), {
    changes: [{ records: { checked: 3, ok: 2, failing: 1 }, failures: [{ keyword: 'unique', count: 1 }] }],
    violations: [{ pointer: '/size', keyword: 'unique' }],
  })
})

t.test('options that cannot be', async (t) => {
  const { define, send } = await start(t)
  await define('box', string('size'), string('name'))
  const refused: [Json, Json, string][] = [
    [{ size: { otherwise: 'drop' } }, {}, '/convert/size/otherwise'],
    [{ size: { otherwise: 'null' } }, { required: true }, '/convert/size/otherwise'],
    [{ size: { otherwise: 'default' } }, {}, '/convert/size/otherwise'],
    [{ size: { timezone: 'Mars/Base' } }, {}, '/convert/size/timezone'],
    [{ width: { trim: true } }, {}, '/convert/width'],
    [{ size: { turn: 1 } }, {}, '/convert/size/turn'],
    [{ size: 1 }, {}, '/convert/size'],
    [{ toString: {} }, {}, '/convert/toString'],
  ]
  for (const [convert, more, pointer] of refused)
    for (const [method, path] of [
      ['PUT', '/schemas/box'],
      ['POST', '/schemas/box/preview'],
    ] as const) {
      const answer = await send(method, path, { fields: [integer('size', more), string('name')], convert })
      t.match(
        answer.json(),
        { status: 400, code: 'invalid_definition', errors: [{ pointer }] },
        JSON.stringify(convert),
      )
    }
  const created = await send('POST', '/schemas/', {
    entity_name: 'new',
    fields: [string('a')],
    convert: { a: {} },
  })
  t.equal(created.statusCode, 400)
})
