// CSV as spreadsheets and databases write it: what separates cells, what names the columns, in which character set.
import t from 'tap'
import { asAdmin, startWithAdmin } from '../support/app.ts'

const FIELDS = [
  { name: 'name', type: 'string' },
  { name: 'age', type: 'integer' },
  { name: 'flag', type: 'boolean' },
  { name: 'due_date', type: 'date', label: 'Due on' },
  { name: 'note', type: 'text', label: 'Remark' },
]

t.test('CSV as people have it', async (t) => {
  const { app } = await startWithAdmin(t, {})
  const send = await asAdmin(app)
  t.match(await send('POST', '/schemas', { entity_name: 'thing', fields: FIELDS }), { statusCode: 201 })
  const twins = [
    { name: 'a', type: 'string', label: 'Same' },
    { name: 'b', type: 'string', label: 'same' },
  ]
  t.match(await send('POST', '/schemas', { entity_name: 'twins', fields: twins }), { statusCode: 201 })
  const post = (text: string | Buffer, type = 'text/csv', query = '') =>
    send('POST', `/thing/?select=name,age,note&${query}`, text, { 'content-type': type })
  const count = async () => (await send('GET', '/thing?select=count()')).json()[0].count

  const ADA = [{ name: 'Ada', age: 3, note: null }]
  const BY_COLUMNS = 'columns=name,age'
  const utf16 = (text: string, isBig = false) => {
    const bytes = Buffer.from(text, 'utf16le')
    return isBig ? bytes.swap16() : bytes
  }
  const taken: [string, string | Buffer, string, string][] = [
    ['semicolons', 'name;age\nAda;3\n', 'text/csv', BY_COLUMNS],
    ['tabs', 'name\tage\r\nAda\t3\r\n', 'text/csv', BY_COLUMNS],
    ['bars', 'name|age\nAda|3', 'text/csv', ''],
    ['a line that names the separator', 'sep=;\r\nname;age\r\nAda;3\r\n', 'text/csv', ''],
    ['a separator that the type names', 'name:age\nAda:3', 'text/csv; delimiter=":"', ''],
    ['a semicolon that the type names', 'name;age\nAda;3', 'text/csv; delimiter=";"', ''],
    ['a tab that the type names', 'name\tage\nAda\t3', 'text/csv; delimiter="\\t"; charset=utf-8', ''],
    ['a tab by its name', 'name\tage\nAda\t3', 'text/csv; delimiter=tab', ''],
    ['no header', 'Ada;3\n', 'text/csv; header=absent', BY_COLUMNS],
    ['no header, in another order', '3,Ada\n', 'text/csv;header="absent";delimiter=","', 'columns=age,name'],
    ['a header that the type names', 'name,age\nAda,3', 'text/csv; header=present', ''],
    [
      'tab-separated values with semicolons',
      'name;age\nAda;3',
      'text/tab-separated-values; delimiter=";"',
      '',
    ],
    ['tab-separated values', 'name\tage\nAda\t3\n', 'text/tab-separated-values', ''],
    ["Windows' type of a .csv", 'name;age\r\nAda;3\r\n', 'application/vnd.ms-excel', ''],
    ['Unicode text', utf16('\ufeffname\tage\r\nAda\t3\r\n'), 'application/vnd.ms-excel', ''],
    ['UTF-16, big end first', utf16('\ufeffname,age\nAda,3', true), 'text/csv', ''],
    ['UTF-16 without a mark', utf16('name,age\nAda,3'), 'text/csv; charset=utf-16le', ''],
    ['names in capitals, with spaces', ' NAME , Age \nAda,3', 'text/csv', ''],
    ['names of which one is written exactly', 'name,Name,age\nAda,x,3', 'text/csv', BY_COLUMNS],
    ['lines of separators alone', ';;\n\nname;age;note\n;;\nAda;3;\n;;\n\n;;', 'text/csv', ''],
  ]
  for (const [what, text, type, query] of taken) {
    await t.test(`${what}: taken`, async (t) => {
      const before = await count()
      const answer = await post(text, type, query)
      t.equal(answer.statusCode, 201, answer.body)
      t.strictSame(answer.json(), ADA)
      t.equal(await count(), before + 1)
    })
  }

  const refused: [string, string | Buffer, string, string, number, RegExp][] = [
    [
      'a column that is not there',
      'nom;age\nAda;3',
      'text/csv',
      BY_COLUMNS,
      400,
      /columns: name, age; header: nom, age/,
    ],
    [
      'another separator',
      'name:age\nAda:3',
      'text/csv',
      BY_COLUMNS,
      400,
      /columns: name, age; header: name:age/,
    ],
    [
      'a name for a column',
      'name,When\nA,2020-01-01',
      'text/csv',
      'columns=due_date:"Due"',
      400,
      /"Due" not in the header/,
    ],
    ['an unknown separator', 'name\nAda', 'text/csv; delimiter=";;"', '', 400, /one character/],
    ['an unknown header', 'name\nAda', 'text/csv; header=maybe', '', 400, /present or absent/],
    ['no names at all', 'Ada,3', 'text/csv; header=absent', '', 400, /columns/],
    [
      'too few cells without a header',
      'Ada,3\nBob\n',
      'text/csv; header=absent',
      BY_COLUMNS,
      400,
      /row 2.* 1 cell where columns names 2/,
    ],
    [
      'bytes in no character set',
      Buffer.from('name\nJos\xe9', 'latin1'),
      'text/csv',
      '',
      400,
      /not UTF-8\. .*charset=windows-1252/,
    ],
    [
      'an .xls',
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      'application/vnd.ms-excel',
      '',
      415,
      /save it as CSV/,
    ],
    [
      'bytes of NDJSON in no character set',
      Buffer.from('{"name":"Jos\xe9"}', 'latin1'),
      'application/x-ndjson',
      '',
      400,
      /Content-Type: application\/x-ndjson; charset=windows-1252/,
    ],
    [
      'two names of one field',
      'note,Remark\nx,y',
      'text/csv',
      '',
      400,
      /Remark stands for the field note, as "note" in the header does/,
    ],
    ['one name twice', 'name,name\nx,y', 'text/csv', '', 400, /name is in the header twice/],
    ['an .xlsx', Buffer.from('PK\x03\x04', 'latin1'), 'text/csv', '', 415, /save it as CSV/],
  ]
  for (const [what, text, type, query, status, match] of refused) {
    await t.test(`${what}: ${status}`, async (t) => {
      const before = await count()
      const answer = await post(text, type, query)
      t.equal(answer.statusCode, status, answer.body)
      t.match(answer.body.replaceAll('\\"', '"'), match)
      t.equal(await count(), before)
    })
  }

  await t.test('a column goes by the label, or by the name that columns gives it', async (t) => {
    const read = async (text: string, query = '', type = 'text/csv') => {
      const answer = await send('POST', `/thing/?select=name,due_date,note${query}`, text, {
        'content-type': type,
      })
      return answer.statusCode === 201 ? answer.json() : answer.body
    }
    const row = { name: 'A', due_date: '2024-02-29', note: 'x' }
    t.strictSame(await read('Name;Due on;remark\nA;2024-02-29;x'), [row])
    const mapped = '&columns=name,note:Bemerkung,due_date:"Fällig, am"'
    t.strictSame(await read('"Fällig, am",note,Bemerkung,Name\n2024-02-29,y,x,A', mapped), [row])
    t.strictSame(
      await read('2024-02-29,x,A', '&columns=due_date:"Due Date",note,name', 'text/csv; header=absent'),
      [row],
    )
    const line = '{"Fällig, am":"2024-02-29","note":"y","Bemerkung":"x","name":"A"}'
    t.strictSame(await read(line, mapped, 'application/x-ndjson'), [row])
    t.strictSame(await read(`[${line}]`, mapped, 'application/json'), [row])
    const twins = await send('POST', '/twins', 'SAME\nx', { 'content-type': 'text/csv' })
    t.match(twins, { statusCode: 400, body: /may be a or b/ })
  })

  await t.test('a character set is heeded', async (t) => {
    for (const [charset, bytes] of [
      ['windows-1252', Buffer.from('name\n\x80 \x84Jos\xe9\x93', 'latin1')],
      ['iso-8859-1', Buffer.from('name\n\x80 \x84Jos\xe9\x93', 'latin1')],
      ['"UTF-16LE"', utf16('name\n€ „José“')],
      ['windows-1252', Buffer.from('\ufeffname\n€ „José“')],
    ] as const) {
      const [record] = (await post(bytes, `text/csv; charset=${charset}`)).json()
      t.equal(record.name, '€ „José“', charset)
    }
  })

  await t.test('an apostrophe is part of a text, unless an export has put it there', async (t) => {
    const cells = ["'s-Hertogenbosch", "'", "'a", "' =1", "'1", "=1'"]
    const names = async (text: string) => (await post(text)).json().map(({ name }: { name: string }) => name)
    t.strictSame(await names(`name\n${cells.join('\n')}`), cells)
    const guarded = ['=1', '+1', '-1', '@a', "'s", '\t1']
    t.strictSame(await names(`name\n${guarded.map((text) => `'${text}`).join('\n')}`), guarded)
  })

  await t.test('a boolean is what people write for it', async (t) => {
    const words = {
      true: ['1', 'yes', 'Y', 'ON', 'x', 'X', 'true', 'TRUE', 'T', ' yes ', 'checked'],
      false: ['0', 'no', 'N', 'Off', 'false', 'FALSE', 'f'],
      null: ['', '""'],
    }
    for (const [value, cells] of Object.entries(words)) {
      const rows = cells.map((cell) => `a,${cell}`).join('\n')
      const answer = await send('POST', '/thing/?select=flag', `name,flag\n${rows}`, {
        'content-type': 'text/csv',
      })
      t.strictSame(
        answer.json(),
        cells.map(() => ({ flag: JSON.parse(value) })),
      )
    }
    for (const cell of ['2', 'maybe', 'xx', '-1', 'nein'])
      t.match(await send('POST', '/thing', `name,flag\na,${cell}`, { 'content-type': 'text/csv' }), {
        statusCode: 400,
        body: /\/flag must be true or false/,
      })
  })

  await t.test('a refusal names the line of the file', async (t) => {
    const rows = async (text: string, type = 'text/csv', prefer = '') => {
      const answer = await send('POST', '/thing', text, { 'content-type': type, prefer })
      const found = prefer === '' ? answer.json().errors : answer.json().flatMap(({ errors = [] }) => errors)
      return found.map(({ row }: { row: number }) => row)
    }
    t.strictSame(await rows('name,age\nAda,x'), [2])
    const text = '\nname,age\n"a\nb\r\nc",1\n\n,,\n,\nAda,x\r\n"d\n",y\n'
    t.strictSame(await rows(text), [9, 10])
    t.strictSame(await rows(text, 'text/csv', 'bulk=partial'), [9, 10])
    t.strictSame(await rows('sep=;\nname;age\n\nAda;x'), [4])
    t.strictSame(await rows('{"name":"a"}\n\n{"age":"x"}\nnope', 'application/x-ndjson'), [3, 4])
  })

  await t.test('a word for null is named by the type', async (t) => {
    const read = async (text: string, type: string) => (await post(text, type)).json().map(Object.values)
    const text = 'name,age,note\nNULL,1,"NULL"\n\\N,2,NA'
    t.strictSame(await read(text, 'text/csv'), [
      ['NULL', 1, 'NULL'],
      ['\\N', 2, 'NA'],
    ])
    t.strictSame(await read(text, 'text/csv; null=NULL'), [
      [null, 1, 'NULL'],
      ['\\N', 2, 'NA'],
    ])
    t.strictSame(await read(text, 'text/csv; null="\\N"'), [
      ['NULL', 1, 'NULL'],
      [null, 2, 'NA'],
    ])
  })
})
