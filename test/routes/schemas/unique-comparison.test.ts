// How unique values are compared: exactly or without case, unset values distinct or equal; and the option `trim`.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../../support/app.ts'

t.test('how values are compared', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const define = async (entity_name: string, fields: object[], more: object = {}) => {
    const answer = await send('POST', '/schemas/', { entity_name, fields, ...more })
    t.equal(answer.statusCode, 201, answer.body)
    return answer.json()
  }
  const statuses = async (path: string, ...bodies: object[]) => {
    const found: number[] = []
    for (const body of bodies) found.push((await send('POST', path, body)).statusCode)
    return found
  }

  await t.test('a new unique email is compared without case, and says so', async (t) => {
    const { fields } = await define('person', [{ name: 'email', type: 'email', unique: true }])
    t.equal(fields[0].unique, 'ci')
    t.same(
      await statuses(
        '/person/',
        { email: 'Ada@Example.com' },
        { email: 'ada@example.COM' },
        { email: 'a@b.de' },
      ),
      [201, 409, 201],
    )
    t.equal((await send('GET', '/person/')).json()[0].email, 'Ada@Example.com', 'stored as sent')
    const merged = await send(
      'POST',
      '/person/?on_conflict=email',
      { email: 'ADA@EXAMPLE.COM' },
      {
        prefer: 'resolution=merge-duplicates,return=representation',
      },
    )
    t.equal(merged.statusCode, 200, merged.body)
    t.equal((await send('GET', '/person/')).json().length, 2, 'an upsert meets the record')
    const within = await send('POST', '/person/', [{ email: 'x@y.de' }, { email: 'X@Y.DE' }])
    t.equal(within.statusCode, 409)
  })

  await t.test('a text is where its definition asks for it', async (t) => {
    await define('tag', [
      { name: 'label', type: 'string', unique: 'ci' },
      { name: 'code', type: 'string', unique: true },
    ])
    const sent = [
      { label: 'Straße', code: 'a' },
      { label: 'STRASSE', code: 'b' },
      { label: 'STRA\u1e9eE', code: 'e' },
      { label: 'ÄRGER', code: 'A' },
      { label: 'ärger', code: 'c' },
      { label: 'arger', code: 'd' },
    ]
    t.same(await statuses('/tag/', ...sent), [201, 409, 409, 201, 409, 201])
    const refused = await send('POST', '/schemas/', {
      entity_name: 'number',
      fields: [{ name: 'n', type: 'integer', unique: 'ci' }],
    })
    t.match(refused.json(), { status: 400, errors: [{ pointer: '/fields/0/unique' }] })
  })

  await t.test('a change to ci names the pairs, then is in force', async (t) => {
    await define('login', [{ name: 'name', type: 'string', unique: true }])
    const ids: string[] = []
    for (const name of ['Ada', 'ada', 'Bob']) ids.push((await send('POST', '/login/', { name })).json().id)
    const ci = { fields: [{ name: 'name', type: 'string', unique: 'ci' }] }
    const refused = await send('PUT', '/schemas/login', ci)
    t.equal(refused.statusCode, 409, refused.body)
    const [{ message, pointer }] = refused.json().errors
    t.equal(pointer, '/name')
    t.ok(message.includes(ids[0]) && message.includes(ids[1]) && !message.includes(ids[2]), message)
    await send('DELETE', `/login/${ids[1]}`)
    t.equal((await send('PUT', '/schemas/login', ci)).statusCode, 200)
    t.same(await statuses('/login/', { name: 'ADA' }, { name: 'BOB' }, { name: 'Cleo' }), [409, 409, 201])
    t.equal(
      (await send('PUT', '/schemas/login', { fields: [{ name: 'name', type: 'string', unique: true }] }))
        .statusCode,
      200,
    )
    t.same(await statuses('/login/', { name: 'ADA' }, { name: 'Cleo' }), [201, 409], 'and exactly again')
  })

  await t.test('an email that was unique before compares exactly until a change asks for ci', async (t) => {
    await define('old', [{ name: 'email', type: 'email', unique: 'exact' }])
    const shown = (await send('GET', '/schemas/old')).json()
    t.equal(shown.fields[0].unique, 'exact')
    t.equal((await send('PUT', '/schemas/old', shown)).json().fields[0].unique, 'exact')
    const asked = { fields: [{ name: 'email', type: 'email', unique: true }] }
    t.equal((await send('PUT', '/schemas/old', asked)).json().fields[0].unique, 'exact')
    t.same(await statuses('/old/', { email: 'A@b.de' }, { email: 'a@b.de' }), [201, 201])
  })

  await t.test('two unset values are the same where a constraint says so', async (t) => {
    const fields = [
      { name: 'a', type: 'string' },
      { name: 'b', type: 'integer' },
    ]
    const unique = [{ fields: ['a', 'b'], nulls: 'equal' }]
    t.same((await define('slot', fields, { unique })).unique, unique)
    t.same(
      await statuses(
        '/slot/',
        { a: 'x' },
        { a: 'x' },
        { a: 'x', b: 1 },
        { b: 1 },
        { b: 1 },
        {},
        {},
        { a: '-', b: 1 },
      ),
      [201, 409, 201, 201, 409, 201, 409, 201],
    )
    const distinct = await send('PUT', '/schemas/slot', { fields, unique: [['a', 'b']] })
    t.same(distinct.json().unique, [['a', 'b']])
    t.same(await statuses('/slot/', { a: 'x' }, {}), [201, 201])
    t.equal((await send('PUT', '/schemas/slot', { fields, unique })).statusCode, 409)
    for (const bad of [{ fields: ['a'], nulls: 'same' }, { fields: ['a'], null: 1 }, { nulls: 'equal' }, {}])
      t.equal((await send('PUT', '/schemas/slot', { fields, unique: [bad] })).statusCode, 400)
  })

  await t.test('so may the texts of several fields together be', async (t) => {
    const fields = [
      { name: 'mail', type: 'email' },
      { name: 'n', type: 'integer' },
    ]
    const unique = [{ fields: ['mail', 'n'], compare: 'ci' }]
    const defined = await define('seat', fields, { unique })
    t.same(defined.unique, unique)
    const sent = [
      { mail: 'A@b.co', n: 3 },
      { mail: 'a@B.co', n: 3 },
      { mail: 'a@b.co', n: 4 },
      { mail: 'a@b.co' },
      { mail: 'a@b.co' },
    ]
    t.same(await statuses('/seat/', ...sent), [201, 409, 201, 201, 201])
    const exact = await send('PUT', '/schemas/seat', { fields, unique: [['mail', 'n']] })
    t.same(exact.json().unique, [['mail', 'n']])
    t.same(await statuses('/seat/', { mail: 'a@B.co', n: 3 }), [201])
    t.equal((await send('PUT', '/schemas/seat', { ...defined, unique })).statusCode, 409)
    for (const bad of [
      { fields: ['n'], compare: 'ci' },
      { fields: ['mail'], compare: 'case' },
    ])
      t.match((await send('PUT', '/schemas/seat', { fields, unique: [bad] })).json(), {
        status: 400,
        errors: [{ pointer: '/unique/0/compare' }],
      })
  })

  await t.test('texts are trimmed before they are validated, at any depth and on every way in', async (t) => {
    const text = { type: 'string', trim: true }
    await define('note', [
      { name: 'title', ...text, max_length: 3, min_length: 1, unique: true },
      { name: 'plain', type: 'string' },
      { name: 'tags', type: 'array', items: text },
      { name: 'place', type: 'object', fields: [{ name: 'city', ...text }] },
    ])
    const sent = { title: ' abc\t', plain: ' p ', tags: [' x ', 'y '], place: { city: ' Oslo\n' } }
    const stored = await send('POST', '/note/', sent)
    t.match(stored.json(), { title: 'abc', plain: ' p ', tags: ['x', 'y'], place: { city: 'Oslo' } })
    t.same(
      await statuses('/note/', { title: 'abc  ' }, { title: '   ' }, { title: 'abcd ' }),
      [409, 400, 400],
    )
    const { fields } = await define('draft', [
      { name: 'short', ...text, max_length: 3, default: '  ab ' },
      { name: 'tags', type: 'array', items: text, default: [' x'] },
      { name: 'place', type: 'object', fields: [{ name: 'city', ...text, default: ' Oslo ' }] },
    ])
    t.match(fields, [{ default: 'ab' }, { default: ['x'] }, { fields: [{ default: 'Oslo' }] }])
    const draft = await send('POST', '/draft/', { place: {} })
    t.match(draft.json(), { short: 'ab', tags: ['x'], place: { city: 'Oslo' } }, 'defaults, too')
    const patched = await send('PATCH', `/note/${stored.json().id}`, { title: ' z ' })
    t.equal(patched.json().title, 'z')
    const upsert = await send(
      'POST',
      '/note/?on_conflict=title',
      { title: ' z', plain: 'q' },
      {
        prefer: 'resolution=merge-duplicates,return=representation',
      },
    )
    t.match(upsert.json(), [{ title: 'z', plain: 'q', id: stored.json().id }])
    const rows = await send('PATCH', '/note/?on_conflict=title', [{ title: '\tz ', plain: 'r' }])
    t.equal(rows.statusCode, 204, `what names a record: ${rows.body}`)
    t.equal((await send('GET', `/note/${stored.json().id}`)).json().plain, 'r')
  })
})

t.test('what a change tells', async (t) => {
  const { app } = await startWithAdmin(t)
  const send = await asAdmin(app)
  const name = { name: 'name', type: 'string' }
  const level = { name: 'level', type: 'integer', default: 3 }
  await send('POST', '/schemas/', { entity_name: 'pupil', fields: [name] })
  for (const body of [{ name: 'a' }, { name: 'b' }]) await send('POST', '/pupil/', body)
  const put = (fields: object[], more: object = {}) => send('PUT', '/schemas/pupil', { fields, ...more })
  const levels = async () =>
    (await send('GET', '/pupil/?select=level')).json().map((row: { level: unknown }) => row.level)

  await t.test(
    'existing records stay without a default, which PUT tells, until backfill is asked for',
    async (t) => {
      const added = await put([name, level])
      t.match(added.json().warnings, [/level.*"backfill": true/])
      t.same(await levels(), [null, null])
      await send('PATCH', '/pupil/?name=eq.a', { level: 7 })
      const filled = await put([name, { ...level, backfill: true }])
      t.equal(filled.statusCode, 200, filled.body)
      t.notOk('warnings' in filled.json())
      t.same(await levels(), [7, 3])
      t.notOk(
        'backfill' in (await send('GET', '/schemas/pupil')).json().fields[1],
        'it is part of the change alone',
      )
      const both = await put([name, level, { name: 'extra', type: 'boolean', default: true, backfill: true }])
      t.notOk('warnings' in both.json())
      t.same((await send('GET', '/pupil/?extra=is.true&select=name')).json(), [{ name: 'a' }, { name: 'b' }])
    },
  )

  await t.test(
    'white space that goes is told; a record is changed by a default that it gets, not by a new form',
    async (t) => {
      const fields = [{ name: 'label', type: 'string' }]
      await send('POST', '/schemas/', { entity_name: 'badge', fields })
      for (const label of [' a ', 'b', null]) await send('POST', '/badge/', { label })
      const read = async () =>
        (await send('GET', '/badge/?select=label,updated_at')).json() as {
          label: string
          updated_at: string
        }[]
      const before = await read()
      const trimming = [{ ...fields[0], trim: true, unique: true }]
      const put = await send('PUT', '/schemas/badge', { fields: trimming })
      t.match(put.json().warnings, [/label.*taken away/])
      const changed = async () =>
        (await read()).map(
          (row, at) => Date.parse(row.updated_at) > Date.parse(String(before[at]?.updated_at)),
        )
      t.same(
        (await read()).map(({ label }) => label),
        ['a', 'b', null],
      )
      t.same(await changed(), [false, false, false], 'the definition has a new version, the records have not')
      t.notOk('warnings' in (await send('PUT', '/schemas/badge', { fields: trimming })).json())
      const defaulted = { name: 'size', type: 'integer', default: 1, backfill: true }
      await send('PUT', '/schemas/badge', { fields: [...trimming, defaulted] })
      t.same(await changed(), [true, true, true])
    },
  )

  await t.test('backfill takes a default that fits', async (t) => {
    const { default: _, ...without } = level
    t.match((await put([name, { ...without, backfill: true }])).json(), {
      status: 400,
      errors: [{ pointer: '/fields/1/backfill' }],
    })
  })

  await t.test('the answer names a dropped field, and can be sent again', async (t) => {
    const dropped = await put([name])
    t.match(dropped.json().warnings, [/level is dropped/, /extra is dropped/])
    t.equal((await send('PUT', '/schemas/pupil', dropped.json())).statusCode, 200)
  })
})
