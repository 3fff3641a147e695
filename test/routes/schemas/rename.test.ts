// Renaming fields and entities: values, rules and relations follow, former names go on working until they end, and what a
// role may not read is unknown under every name.
import t from 'tap'
import { addUser, as, asAdmin, startApp, startWithAdmin } from '../../support/app.ts'
import { MovableClock } from '../../support/clock.ts'

type Json = Record<string, unknown>

t.test('renames', async (t) => {
  const { app, database } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const there = await asAdmin(await startApp(t, database))
  const define = async (entity_name: string, fields: Json[], more: Json = {}) => {
    const answer = await send('POST', '/schemas/', { entity_name, fields, ...more })
    t.equal(answer.statusCode, 201, answer.body)
  }
  const ok = async (answer: ReturnType<typeof send>, status = 200) => {
    const { statusCode, body, headers } = await answer
    t.equal(statusCode, status, body)
    return { json: body === '' ? undefined : JSON.parse(body), headers }
  }
  const text = (name: string, more: Json = {}) => ({ name, type: 'string', ...more })

  await t.test('a field: both names work at once, on every instance', async (t) => {
    await define('person', [text('name', { required: true, unique: true, indexed: true }), text('note')])
    const { json: ada } = await ok(send('POST', '/person/', { name: 'Ada', note: 'n' }), 201)
    const renamed = await ok(send('POST', '/schemas/person/rename', { fields: { name: 'full_name' } }))
    t.match(renamed.json, { version: 2, fields: [{ name: 'full_name', unique: true }, { name: 'note' }] })
    for (const one of [send, there]) {
      const whole = await ok(one('GET', `/person/${ada.id}`))
      t.match(whole.json, { full_name: 'Ada', name: 'Ada' }, 'whole records hold both')
      t.notOk(whole.headers.deprecation, 'nothing former was named')
      const old = await ok(one('GET', '/person/?name=eq.Ada&select=name,note&order=name.desc'))
      t.same(old.json, [{ name: 'Ada', note: 'n' }])
      t.match(old.headers, { deprecation: /^@\d+$/, sunset: /GMT$/, link: /rel="deprecation"/ })
      t.same((await ok(one('GET', '/person/?or=(name.eq.Ada,note.is.null)&select=full_name'))).json, [
        { full_name: 'Ada' },
      ])
    }
    const created = await ok(send('POST', '/person/', { name: 'Bob' }), 201)
    t.match(created.json, { full_name: 'Bob', name: 'Bob' })
    t.ok(created.headers.deprecation)
    const merged = await ok(
      send(
        'POST',
        '/person/?on_conflict=name&columns=name,note&select=name,note',
        [{ name: 'Bob', note: 'x' }],
        {
          prefer: 'resolution=merge-duplicates,return=representation',
        },
      ),
    )
    t.same(merged.json, [{ name: 'Bob', note: 'x' }])
    await ok(send('PATCH', `/person/${ada.id}`, { name: 'Ada L.' }))
    await ok(send('PATCH', '/person/?name=eq.Bob', { name: 'Rob' }), 204)
    t.same((await ok(send('GET', '/person/?select=full_name&order=full_name'))).json, [
      { full_name: 'Ada L.' },
      { full_name: 'Rob' },
    ])
    const refused = await send('POST', '/person/', { name: '', full_name: 'x' })
    t.match(refused.json(), { status: 400, code: 'alias_conflict' })
    t.equal((await send('POST', '/person/', { name: 'Ada L.' })).statusCode, 409, 'still unique')
    const csv = await send('GET', '/person/', undefined, { accept: 'text/csv' })
    t.match(csv.body, /^id,full_name,note,created_at,/, 'a CSV of whole records has present names only')
  })

  await t.test('a CSV may have the former name in its header, and columns may name it', async (t) => {
    const csv = { 'content-type': 'text/csv' }
    await ok(send('POST', '/person/', 'name,note\nEve,csv\n', csv), 201)
    await ok(send('POST', '/person/?columns=name', 'name,note\nFay,csv\n', csv), 201)
    await ok(send('POST', '/person/?columns=name', 'full_name,note\nGil,csv\n', csv), 201)
    const rows = await ok(
      send('GET', '/person/?select=full_name,note&full_name=in.(Eve,Fay,Gil)&order=full_name'),
    )
    t.same(rows.json, [
      { full_name: 'Eve', note: 'csv' },
      { full_name: 'Fay', note: null },
      { full_name: 'Gil', note: null },
    ])
  })

  await t.test('an old client reads, edits and puts back', async (t) => {
    await define('task', [text('title', { required: true }), text('state')])
    const { json } = await ok(send('POST', '/task/', { title: 'a', state: 's' }), 201)
    await ok(send('POST', '/schemas/task/rename', { fields: { title: 'subject' } }))
    const read = async () => (await send('GET', `/task/${json.id}`)).json()
    const editable = ({
      id: _,
      created_at: _a,
      updated_at: _u,
      created_by: _c,
      updated_by: _b,
      ...rest
    }: Json) => rest
    await ok(send('PUT', `/task/${json.id}`, { ...editable(await read()), title: 'old edits' }))
    t.match(await read(), { subject: 'old edits', title: 'old edits', state: 's' })
    await ok(send('PUT', `/task/${json.id}`, { ...editable(await read()), subject: 'new edits' }))
    t.match(await read(), { subject: 'new edits', title: 'new edits' })
    const both = await send('PUT', `/task/${json.id}`, { title: 'x', subject: 'y' })
    t.match(both.json(), { status: 400, code: 'alias_conflict' })
  })

  await t.test('was in a document renames once and then says nothing', async (t) => {
    await define('doc', [text('name')])
    await ok(send('POST', '/doc/', { name: 'v' }), 201)
    const document = { fields: [text('title', { was: ['nothing', 'name'] })] }
    for (let round = 0; round < 2; round += 1) {
      await ok(send('PUT', '/schemas/doc', document))
      t.match((await ok(send('GET', '/doc/'))).json, [{ title: 'v', name: 'v' }])
    }
    const twice = await send('PUT', '/schemas/doc', {
      fields: [text('a', { was: 'title' }), text('b', { was: 'title' })],
    })
    t.match(twice.json(), { status: 400, errors: [{ pointer: '/fields/1/was' }] })
  })

  await t.test('two fields swap, and a chain keeps every name', async (t) => {
    await define('swap', [text('a'), text('b')])
    await ok(send('POST', '/swap/', { a: '1', b: '2' }), 201)
    await ok(send('POST', '/schemas/swap/rename', { fields: { a: 'b', b: 'a' } }))
    t.match((await ok(send('GET', '/swap/'))).json, [{ a: '2', b: '1' }])
    await ok(send('POST', '/schemas/swap/rename', { fields: { a: 'c' } }))
    await ok(send('POST', '/schemas/swap/rename', { fields: { c: 'd' } }))
    t.same((await ok(send('GET', '/swap/?select=a,c,d&a=eq.2&c=eq.2'))).json, [{ a: '2', c: '2', d: '2' }])
    const taken = await send('PUT', '/schemas/swap', { fields: [text('d'), text('b'), text('a')] })
    t.match(taken.json(), { status: 409, code: 'name_is_alias' })
    const listed = (await ok(send('GET', '/schemas/swap/aliases'))).json
    t.match(listed, [
      { name: 'a', field: 'd' },
      { name: 'c', field: 'd' },
    ])
    await ok(send('DELETE', '/schemas/swap/aliases/a'), 204)
    t.equal((await send('GET', '/swap/?a=eq.2')).statusCode, 400)
    t.equal((await send('DELETE', '/schemas/swap/aliases/a')).json().code, 'alias_not_found')
    await ok(send('PUT', '/schemas/swap', { fields: [text('d'), text('b'), text('a')] }))
    t.match((await ok(send('GET', '/swap/'))).json, [{ a: null, d: '2' }])
    await ok(send('POST', '/schemas/swap/rename', { fields: { d: 'e' }, grace: '0' }))
    t.equal((await send('GET', '/swap/?d=eq.2')).statusCode, 400, 'no grace')
  })

  await t.test('an entity: relations, embeds and paths follow', async (t) => {
    await define('course', [text('title')])
    await define('pupil', [text('name'), { name: 'course', type: 'relation', entity: 'course' }])
    const { json: course } = await ok(send('POST', '/course/', { title: 'Math' }), 201)
    await ok(send('POST', '/pupil/', { name: 'Ada', course: course.id }), 201)
    await ok(send('POST', '/schemas/pupil/rename', { entity: 'learner', fields: { name: 'called' } }))
    await ok(send('POST', '/schemas/course/rename', { entity: 'subject' }))
    for (const [path, answer] of [
      ['/learner/?select=called,course(title)', [{ called: 'Ada', course: { title: 'Math' } }]],
      ['/pupil/?select=name,course(title)', [{ name: 'Ada', course: { title: 'Math' } }]],
      ['/subject/?select=title,learner(called)', [{ title: 'Math', learner: [{ called: 'Ada' }] }]],
      ['/course/?select=title,pupil(name)', [{ title: 'Math', pupil: [{ name: 'Ada' }] }]],
      ['/course/?select=title,pupil(*)&pupil.name=eq.Bob', [{ title: 'Math', pupil: [] }]],
      [
        '/course/?select=title,pupil!inner(name)&pupil.order=name&pupil.name=eq.Ada',
        [{ title: 'Math', pupil: [{ name: 'Ada' }] }],
      ],
    ] as const)
      t.same((await ok(there('GET', path))).json, answer, path)
    const moved = await ok(send('POST', '/pupil/', { name: 'Bob', course: course.id }), 201)
    t.ok(moved.headers.deprecation)
    t.equal((await send('DELETE', `/course/${course.id}`)).statusCode, 409, 'still referred to')
    t.equal((await ok(send('GET', '/schemas/pupil'))).json.entity_name, 'learner')
    t.equal((await ok(send('GET', '/schemas/learner'))).json.fields[1].entity, 'subject')
    t.equal(
      (await send('POST', '/schemas/', { entity_name: 'pupil', fields: [] })).json().code,
      'name_is_alias',
    )
    t.equal(
      (await send('POST', '/schemas/subject/rename', { entity: 'learner' })).json().code,
      'entity_exists',
    )
    t.equal((await send('POST', '/schemas/subject/rename', { entity: 'auth' })).statusCode, 400)
    await ok(send('POST', '/schemas/learner/rename', { entity: 'pupil' }))
    t.match((await ok(send('GET', '/learner/?select=name&name=eq.Ada'))).json, [{ name: 'Ada' }], 'and back')
  })

  await t.test('rules pick the same rows, and unreadable fields have no former name', async (t) => {
    await define('deal', [text('owner'), text('stage'), text('secret')])
    for (const [owner, stage, secret] of [
      ['u1', 'open', 'a'],
      ['u2', 'won', 'b'],
      ['u1', 'lost', 'c'],
    ])
      await ok(send('POST', '/deal/', { owner, stage, secret }), 201)
    const rules: Record<string, Json> = {
      clerk: {
        read: 'or=(owner.eq.u1,stage.in.(won,"a,b"))&not.and=(stage.eq.lost,owner.eq.u1)',
        fields: { read: ['owner', 'stage'] },
      },
      boss: { read: 'stage=not.eq.lost' },
      user: { read: 'owner=eq.$user.username' },
    }
    for (const [role, rule] of Object.entries(rules))
      await ok(send('PUT', `/schemas/deal/permissions/${role}`, rule))
    const callers = await Promise.all(
      [
        ['u9', 'clerk'],
        ['u8', 'boss'],
        ['u1', 'user'],
      ].map(async ([name, role]) =>
        as(app, (await addUser(app, name as string, role as string)).tokens.access_token),
      ),
    )
    const ids = () =>
      Promise.all(
        callers.map(async (caller) =>
          (await caller('GET', '/deal/?select=id')).json().map(({ id }: Json) => id),
        ),
      )
    const before = await ids()
    t.same(
      before.map(({ length }) => length),
      [2, 2, 2],
    )
    await ok(
      send('POST', '/schemas/deal/rename', { fields: { owner: 'stage', stage: 'owner', secret: 'hidden' } }),
    )
    await ok(send('POST', '/schemas/deal/rename', { fields: { owner: 'phase' } }))
    t.same(await ids(), before)
    const clerk = (await ok(send('GET', '/schemas/deal/permissions/clerk'))).json
    t.equal(clerk.read, 'or=(stage.eq.u1,phase.in.(won,"a,b"))&not.and=(phase.eq.lost,stage.eq.u1)')
    await ok(send('PUT', '/schemas/deal/permissions/clerk', clerk))
    const [caller] = callers as [ReturnType<typeof as>]
    const unknown = (await caller('GET', '/deal/?nothing=eq.a')).json()
    for (const path of [
      '?secret=eq.a',
      '?select=secret',
      '?order=secret',
      '?or=(secret.eq.a,phase.eq.won)',
    ]) {
      const answer = (await caller('GET', `/deal/${path}`)).json()
      t.match(answer, { status: 400, code: unknown.code })
      t.notMatch(JSON.stringify(answer), 'hidden')
    }
    const whole = (await caller('GET', '/deal/?limit=1')).json()[0]
    t.notOk('secret' in whole || 'hidden' in whole)
  })

  await t.test('former names and versions do not pile up without end', async (t) => {
    await define('busy', [text('n0')])
    for (let n = 0; n < 210; n += 1)
      await ok(send('POST', '/schemas/busy/rename', { fields: { [`n${n}`]: `n${n + 1}` }, grace: '0' }))
    const { json } = await ok(send('GET', '/schemas/busy/versions?limit=1000'))
    t.equal(json.length, 200)
    t.same([json[0].version, json.at(-1).version], [211, 12])
    t.equal((await ok(send('GET', '/schemas/busy/versions/100'))).json.fields[0].name, 'n99')
    t.equal((await send('GET', '/schemas/busy/versions/11')).statusCode, 404)
    await define('e0', [text('a')])
    for (let n = 0; n < 50; n += 1) await ok(send('POST', `/schemas/e${n}/rename`, { entity: `e${n + 1}` }))
    const refused = await send('POST', '/schemas/e50/rename', { entity: 'e51' })
    t.match(refused.json(), { status: 400, errors: [{ pointer: '/entity', keyword: 'limit' }] })
  })

  await t.test('what cannot be is refused with its place', async (t) => {
    await define('thing', [text('a'), text('b')])
    const refused = async (body: Json) => (await send('POST', '/schemas/thing/rename', body)).json()
    t.match(await refused({ fields: { x: 'y' } }), { status: 400, errors: [{ pointer: '/fields/x' }] })
    t.match(await refused({ fields: { a: 'b' } }), { status: 400, errors: [{ pointer: '/fields/a' }] })
    t.match(await refused({ fields: { a: 'id' } }), { status: 400, errors: [{ pointer: '/fields/a' }] })
    t.match(await refused({ fields: { a: 'c' }, grace: '2y' }), {
      status: 400,
      errors: [{ pointer: '/grace' }],
    })
    t.match(await refused({ fields: { a: 'c' }, grace: 'soon' }), {
      status: 400,
      errors: [{ pointer: '/grace' }],
    })
    t.match(await refused({ fields: { a: 5 } }), { status: 400 })
    t.match(await refused({ nope: 1 }), { status: 400 })
    t.match(await refused({}), { status: 400 })
  })

  await t.test('versions, differences', async (t) => {
    const { json: versions } = await ok(send('GET', '/schemas/swap/versions'))
    t.equal(versions.at(-1).version, 1)
    t.match(versions.at(-2), {
      version: 2,
      by: { username: 'admin' },
      summary: ['a is renamed to b', 'b is renamed to a'],
    })
    t.same((await ok(send('GET', '/schemas/swap/versions?limit=1&before=3'))).json[0], versions.at(-2))
    const first = await ok(send('GET', '/schemas/swap/versions/1'))
    t.match(first.json, { version: 1, fields: [{ name: 'a' }, { name: 'b' }] })
    const again = await send('GET', '/schemas/swap/versions/1', undefined, {
      'if-none-match': String(first.headers.etag),
    })
    t.equal(again.statusCode, 304)
    const diff = (await ok(send('GET', '/schemas/swap/versions/1/diff?to=2'))).json
    t.match(diff, {
      from: 1,
      to: 2,
      changes: [{ field: 'b', change: 'renamed', from: 'a', to: 'b', breaking: true }, { change: 'renamed' }],
    })
    const now = (await ok(send('GET', '/schemas/swap/versions/1/diff'))).json
    t.match(now.changes, [
      { field: 'e', from: 'b' },
      { field: 'b', from: 'a' },
      { field: 'a', change: 'added' },
    ])
    for (const bad of ['0', '99', 'x', '1.5'])
      t.equal((await send('GET', `/schemas/swap/versions/${bad}`)).json().code, 'version_not_found', bad)
  })
})

t.test('former names end when their time is over', async (t) => {
  const clock = new MovableClock()
  const { app } = await startWithAdmin(t, {}, { clock })
  const send = await asAdmin(app)
  await send('POST', '/schemas/', { entity_name: 'thing', fields: [{ name: 'a', type: 'string' }] })
  await send('POST', '/schemas/thing/rename', { fields: { a: 'b' }, entity: 'item', grace: '20m' })
  t.equal((await send('GET', '/thing/?a=is.null')).statusCode, 200)
  await app.aliasSweep.run()
  t.equal((await send('GET', '/thing/?a=is.null')).statusCode, 200, 'not yet')
  clock.move(25 * 60_000)
  await app.aliasSweep.run()
  t.equal((await send('GET', '/item/?a=is.null')).statusCode, 400)
  t.equal((await send('GET', '/thing/')).statusCode, 404)
  t.equal((await send('GET', '/schemas/item')).json().version, 2, 'no new version')
})
