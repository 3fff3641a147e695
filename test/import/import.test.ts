// Records come in as CSV and as lines of JSON: as a JSON array would, whatever the file looks like.
import t from 'tap'
import { CSV, NDJSON, startStudents } from '../support/import/students.ts'

const MINIMAL = { prefer: 'return=minimal' }

const PARTIAL = { prefer: 'bulk=partial' }

t.test('CSV and NDJSON come in', async (t) => {
  const { send, count } = await startStudents(t, { BODY_LIMIT: 5000, UPLOAD_LIMIT: 50_000 })
  const csv = (text: string | Buffer, headers: object = {}, query = '') =>
    send('POST', `/student${query}`, text, { ...CSV, ...headers })
  const ndjson = (text: string, headers: object = {}, query = '') =>
    send('POST', `/student${query}`, text, { ...NDJSON, ...headers })

  await t.test('CSV is answered with the records, as an array is', async (t) => {
    const answer = await csv('name,age,level,ok,meta\nAda,36,b,TRUE,"{""x"":[1]}"\n"Bob, B.",,a,f,\n')
    t.equal(answer.statusCode, 201, answer.body)
    t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    t.equal(Number(answer.headers['content-length']), Buffer.byteLength(answer.body))
    t.match(answer.json(), [
      { id: String, name: 'Ada', age: 36, level: 'b', ok: true, meta: { x: [1] }, note: null },
      { name: 'Bob, B.', age: null, level: 'a', ok: false, meta: null },
    ])
    t.equal(await count(), 2)
  })

  await t.test('NDJSON too, in either spelling of its type', async (t) => {
    const answer = await ndjson('{"name":"C"}\r\n\n {"name":"D","age":5}', {}, '?select=name,age,level')
    t.match(answer, { statusCode: 201 })
    t.same(answer.json(), [
      { name: 'C', age: null, level: 'a' },
      { name: 'D', age: 5, level: 'a' },
    ])
    const other = { 'content-type': 'application/ndjson; charset=utf-8' }
    t.equal((await send('POST', '/student', '{"name":"E"}', other)).statusCode, 201)
  })

  await t.test('the answer has the form and the extent that is asked for', async (t) => {
    t.match(await csv('name\nF\nG', MINIMAL), {
      statusCode: 201,
      body: '',
      headers: { 'preference-applied': 'return=minimal' },
    })
    const counted = await csv('name\nF', { prefer: 'return=headers-only,count=exact' })
    t.match(counted, {
      statusCode: 201,
      body: '',
      headers: { location: /^\/student\//, 'content-range': '*/1' },
    })
    t.match(await csv('name\n=F\n', { accept: 'text/csv' }, '?select=name'), { body: "name\n'=F" })
    t.match(await csv('name\nF\nG', { accept: 'application/x-ndjson' }, '?select=name'), {
      body: '{"name":"F"}\n{"name":"G"}\n',
    })
    const object = { accept: 'application/vnd.pgrst.object+json' }
    t.match((await csv('name\nF', object, '?select=name')).json(), { name: 'F' })
    const before = await count()
    for (const text of ['name\n', 'name\nF\nG'])
      t.match(await csv(text, object), { statusCode: 406, body: /PGRST116/ })
    t.equal(await count(), before)
    t.match(await csv('name\nF', {}, '?order=name'), { statusCode: 400, body: /plain fields/ })
    t.match(await csv('name\nF', {}, '?select=friend(name)'), { statusCode: 400, body: /plain fields/ })
    t.match(await csv('name\nF', MINIMAL, '?order=name'), { statusCode: 201 })
    t.match(await csv('name\nF', {}, '?name=eq.F'), { statusCode: 400 })
  })

  await t.test('without quotes an empty cell is null; NULL is where the type says so', async (t) => {
    const text = 'name,note,age\n1,,1\n2,NULL,NULL\n3,"",""\n4,"NULL",2\n5,null,3\n'
    const typed = { 'content-type': 'text/csv; null=NULL' }
    t.same((await csv(text, typed, '?select=note,age')).json().map(Object.values), [
      [null, 1],
      [null, null],
      ['', null],
      ['NULL', 2],
      ['null', 3],
    ])
    t.same((await csv('name,note\nNULL,NULL', {}, '?select=name,note')).json(), [
      { name: 'NULL', note: 'NULL' },
    ])
    const defaults = await csv('name,level\nx,\ny,b', { prefer: 'missing=default' }, '?select=level')
    t.same(defaults.json(), [{ level: 'a' }, { level: 'b' }])
    const nulls = await csv('name,level\nx,', {}, '?select=level')
    t.same(nulls.json(), [{ level: null }])
    const absent = await csv('name\nx', {}, '?select=level')
    t.same(absent.json(), [{ level: 'a' }])
  })

  await t.test("texts lose one ', numbers have none", async (t) => {
    const text = "name,note,age\n'=1+1,''quoted,7\n-x,'',-0\n"
    t.same((await csv(text, {}, '?select=name,note,age')).json(), [
      { name: '=1+1', note: "'quoted", age: 7 },
      { name: '-x', note: "'", age: 0 },
    ])
    t.match(await csv("name,age\nx,'5"), { statusCode: 400, body: /\/age must be an integer or null/ })
  })

  await t.test('columns takes some of them, an upsert merges', async (t) => {
    const [made] = (await csv('name,email,age\nU,u@example.com,1')).json()
    const export_ = await send('GET', '/student?email=eq.u@example.com', undefined, { accept: 'text/csv' })
    const refused = await csv(export_.body)
    t.match(refused, { statusCode: 400, body: /created_at is set by the server/ })
    t.match(refused.json().errors, [{ pointer: '/id', keyword: 'header', message: /columns=name,age,email/ }])
    const again = export_.body.replace(',1,', ',2,')
    const merge = { prefer: 'resolution=merge-duplicates' }
    t.match(await csv(again.replace(',2,', ',3,'), merge, '?columns=id,age'), { statusCode: 200 })
    t.match(await csv('id,age\n,3', merge, '?columns=id,age'), { statusCode: 400, body: /name is required/ })
    t.match(await csv(again, merge, '?columns=id,name,age'), { statusCode: 200 })
    t.match((await send('GET', `/student/${made.id}`)).json(), { age: 2, email: 'u@example.com' })
    const mixed = await csv(`id,name\n${made.id},Old\n,Fresh`, merge, '?select=id,name')
    t.match(mixed.json(), [{ id: made.id, name: 'Old' }, { name: 'Fresh' }])
    const upsert = '?on_conflict=email&select=name,age'
    const text = 'name,email,age\nU2,u@example.com,3\nNew,new@example.com,4'
    t.match((await csv(text, merge, upsert)).json(), [{ name: 'U2' }, { name: 'New' }])
    const ignored = await csv(text, { prefer: 'resolution=ignore-duplicates' }, upsert)
    t.match(ignored, { statusCode: 201, body: '[]' })
    t.match(await csv(text.replace('New,new', 'U3,u'), merge, upsert), { statusCode: 409 })
    t.match((await ndjson('{"name":"Z","x":1}', {}, '?columns=name,age&select=name')).json(), [{ name: 'Z' }])
    t.match(await csv('name\nx', {}, '?columns=nope'), { statusCode: 400, body: /unknown_field/ })
  })

  await t.test('all or nothing, and every violation is told with its row', async (t) => {
    const before = await count()
    const text =
      'name,age,email,meta\nok,1,p@example.com,\n,x,q@example.com,{\nr,-1,p@example.com,1,2\ns,2,p@example.com,'
    const answer = await csv(text)
    t.equal(answer.statusCode, 400)
    t.same(
      answer
        .json()
        .errors.map(({ row, pointer, keyword }: Record<string, unknown>) => [row, pointer, keyword]),
      [
        [3, '/meta', 'json'],
        [3, '/name', 'type'],
        [3, '/age', 'type'],
        [4, '', 'cells'],
        [5, '/email', 'unique'],
      ],
      answer.body,
    )
    t.match(await csv('name,email\nx,u@example.com'), { statusCode: 409, body: /"row":2/ })
    const lost = '01980000-0000-7000-8000-000000000000'
    t.match(await csv(`name,friend\nx,\ny,${lost}`), { statusCode: 409, body: /"row":3/ })
    t.match(await ndjson('{"name":"x"}\n{\n[1]\n{"name":1}'), {
      statusCode: 400,
      body: /"row":2.*"row":3.*"row":4/,
    })
    t.match(await ndjson('{"name":"x","age":9007199254740993}'), { statusCode: 400, body: /integer past/ })
    const bad = await csv(`name\n${'\u0000\n'.repeat(3000)}`)
    t.match(bad, { statusCode: 400, body: /U\+0000/ })
    t.equal(bad.json().errors.length, 1001, 'a bounded number')
    t.equal(await count(), before)
  })

  await t.test('bulk=partial stores the good rows and tells of each', async (t) => {
    const before = await count()
    const text = 'name,age,email\nP1,1,p1@example.com\nP2,x,\nP3,3,p1@example.com\nP4,4\nP5,5,p5@example.com'
    const answer = await csv(text, PARTIAL, '?select=name')
    t.equal(answer.statusCode, 207)
    t.match(answer.json(), [
      { status: 201, record: { name: 'P1' } },
      { status: 400, errors: [{ pointer: '/age' }] },
      { status: 409, errors: [{ pointer: '/email' }] },
      { status: 400, errors: [{ keyword: 'cells' }] },
      { status: 201, record: { name: 'P5' } },
    ])
    t.equal(await count(), before + 2)
    const minimal = await ndjson('{"name":"P6"}\nnope', { prefer: 'bulk=partial,return=minimal' })
    t.match(minimal.json(), [
      { status: 201, record: undefined },
      { status: 400, errors: [{ keyword: 'json' }] },
    ])
    t.match((await csv('name\n', PARTIAL)).body, '[]')
  })

  await t.test('tx=rollback tries it', async (t) => {
    const before = await count()
    t.match(await csv('name\nR', { prefer: 'tx=rollback' }), { statusCode: 201, body: /"name":"R"/ })
    t.equal(await count(), before)
  })

  const HUGE = 'x'.repeat(6000)
  const files: [string, string | Buffer, number, RegExp, object?][] = [
    ['a byte order mark', '\ufeffname,age\nB,1', 201, /"age":1/],
    ['CRLF and no line end at the end', 'name,age\r\nB,1\r\nC,2', 201, /"C"/],
    ['old Mac line ends', 'name\rB\rC\r', 201, /"C"/],
    ['line ends and quotes in a cell', 'name,note\nB,"a ""b""\r\nc,\n"\n', 201, /a \\"b\\"\\r\\nc,\\n"/],
    ['blank lines', '\n\nname\n\nB\n\n', 201, /"B"/],
    ['spaces around a name', 'name, age\nB,1', 201, /"age":1/],
    ['a header alone', 'name,age\n', 201, /^\[\]$/],
    [
      'another character set',
      Buffer.from('name\nJos\xe9', 'latin1'),
      201,
      /José/,
      { 'content-type': 'text/csv; charset=windows-1252' },
    ],
    ['an unknown character set', 'name\nB', 415, /klingon/, { 'content-type': 'text/csv; charset=klingon' }],
    ['bytes that are no UTF-8', Buffer.from('name\nJos\xe9\n', 'latin1'), 400, /not UTF-8/],
    ['UTF-8 that breaks off', Buffer.from('name\nJos\xc3', 'latin1'), 400, /not UTF-8/],
    ['nothing', '', 400, /first line of CSV names the fields/],
    ['blank lines alone', '\n\n', 400, /first line of CSV names the fields/],
    ['an unknown name', 'name,colour\nB,red', 400, /\/colour is not a field of student; fields: name/],
    ['semicolons', 'name;age\nB;1', 201, /"age":1/],
    ['a name of Object.prototype', 'name,__proto__\nB,1', 400, /__proto__/],
    ['a name twice', 'name,age,age\nB,1,2', 400, /\/age is in the header twice/],
    ['an empty name', 'name,\nB,1', 400, /empty name/],
    ['system fields', 'name,created_by\nB,', 400, /created_by is set by the server/],
    ['a quote that is never closed', 'name\n"B\n', 400, /line 2 has an unclosed quote/],
    ['text after a quote', 'name\n"B"x\n', 400, /line 2 has text after a closing quote/],
    ['a row that is too long', `name,note\nB,1\nC,"${HUGE}"`, 400, /line 3 is longer than 5000/],
    ['too many cells', `name${',x'.repeat(2400)}\n`, 400, /more than 2000 cells/],
    ['NUL in a cell', 'name\na\0b', 400, /U\+0000/],
    ['too many bytes', 'name\n'.padEnd(60_000, 'x\n'), 413, /body_too_large/],
  ]
  for (const [name, text, status, match, headers] of files) {
    await t.test(`${name}: ${status}`, async (t) => {
      const before = await count()
      const answer = await csv(text, headers)
      t.equal(answer.statusCode, status, answer.body)
      t.match(answer.body, match)
      if (status !== 201) t.equal(await count(), before)
    })
  }

  await t.test('lines of JSON: an empty body is no record, a line that is too long is refused', async (t) => {
    t.match(await ndjson(''), { statusCode: 201, body: '[]' })
    t.match(await ndjson(`{"name":"${HUGE}"}`), { statusCode: 400, body: /Line 1 is longer/ })
  })

  await t.test('only a POST of records takes them', async (t) => {
    const [{ id }] = (await send('GET', '/student?limit=1')).json()
    for (const [method, url] of [
      ['PATCH', '/student?name=eq.x'],
      ['PUT', `/student/${id}`],
      ['PATCH', `/student/${id}`],
      ['POST', '/schemas'],
    ] as const)
      t.match(await send(method, url, 'name\nB', CSV), { statusCode: 415 }, `${method} ${url}`)
    for (const type of [CSV, NDJSON, { 'content-type': 'application/json' }]) {
      const packed = await send('POST', '/student', 'x', { ...type, 'content-encoding': 'gzip' })
      t.match(packed.json(), { status: 415, detail: /packed \(gzip\)/ })
    }
    t.match(await send('POST', '/nope', 'name\nB', CSV), { statusCode: 404 })
    t.match(await send('POST', '/student', 'name\nB', { ...CSV, authorization: 'Bearer x' }), {
      statusCode: 401,
    })
  })
})
